// A server that is stopped while its clients talk, and started again on the same data.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { defaultLimits } from "../../gen/aldis/v1/tables/limits.js";
import { type AldisClient, ConnectionState, createClient } from "../../src/client/index.js";
import { startTestServer } from "../support/test-server.js";

const eventually = (expectation: () => void) => vi.waitFor(expectation, { timeout: 20_000, interval: 5 });

/** Sends to bob until the promise settles, and gives what was confirmed. */
async function sendUntil(over: Promise<unknown>, alice: AldisClient): Promise<string[]> {
  const confirmed: string[] = [];
  let isOver = false;
  const end = over.then(() => {
    isOver = true;
  });
  for (let number = 1; !isOver; number += 1) {
    const text = String(number);
    const sent = alice.sendToPeer("bob", text, { storeIfAway: true }).then(() => void confirmed.push(text));
    // What fails has not been confirmed. What is under way at the end waits for the next server.
    await Promise.race([sent.catch(() => end), end]);
  }
  return confirmed;
}

it("a drain lets every client move, and loses nothing that was confirmed", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "aldis-drain-"));
  onTestFinished(() => rm(dataDir, { recursive: true }));
  const durable = { store: "disk", dataDir, limits: { ...defaultLimits, drainMs: 2000 } } as const;
  const { server, address } = await startTestServer(durable);
  const states: ConnectionState[][] = [];
  const start = async (userId: string) => {
    const token = await server.issueToken({ userId });
    const client = createClient({ address, appId: server.appId, userId, token, loginTimeoutMs: 1000 });
    onTestFinished(() => client.close());
    const seen: ConnectionState[] = [];
    client.on("stateChanged", ({ state }) => seen.push(state));
    states.push(seen);
    await client.login();
    return client;
  };
  const [alice, bob] = [await start("alice"), await start("bob")];
  for (const name of ["carol", "dave", "erin"]) await start(name);
  const heard: string[] = [];
  bob.on("peerMessage", ({ payload }) => heard.push(payload.text ?? ""));

  const drained = server.drain();
  const confirmed = await sendUntil(drained, alice);
  await server.close();
  await startTestServer({ ...durable, grpcPort: Number(address.split(":")[1]) });

  await eventually(() => expect(states.map((seen) => seen.at(-1))).toEqual(states.map(() => ConnectionState.CONNECTED)));
  await eventually(() => expect(heard).toEqual(expect.arrayContaining(confirmed)));
  expect(confirmed.length).toBeGreaterThan(0);
  expect(new Set(heard).size).toBe(heard.length);
});
