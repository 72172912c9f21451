import { expect, it, onTestFinished, vi } from "vitest";
import { DeliveryOutcome } from "../../gen/aldis/v1/message.js";
import { Capability } from "../../gen/aldis/v1/session.js";
import { createClient } from "../../src/client/index.js";
import { codeOf } from "../support/scripted-client.js";
import { startTestServer, type TestServer } from "../support/test-server.js";

/** Waits until an expectation holds. */
const eventually = (expectation: () => void) => vi.waitFor(expectation, { timeout: 20_000, interval: 5 });

/** A user's client over gRPC, with the messages and receipts that it tells written down. It logs in later. */
async function createUser({ server, address }: TestServer, userId: string) {
  const client = createClient({ appId: server.appId, userId, token: await server.issueToken({ userId }), address });
  onTestFinished(() => client.close());
  const told: string[] = [];
  client.on("peerMessage", ({ payload, stored }) => told.push(stored ? `stored ${payload.text}` : `live ${payload.text}`));
  client.on("receipt", ({ outcome, receiver }) => told.push(`receipt ${outcome} of ${receiver}`));
  return { client, told };
}

it("a message to a user who is away comes at the login, before live ones, and its sender is told", async () => {
  const test = await startTestServer();
  const [alice, bob] = [await createUser(test, "alice"), await createUser(test, "bob")];
  await alice.client.login();

  const { outcome } = await alice.client.sendToPeer("bob", "one", { storeIfAway: true, receiptLater: true });
  await alice.client.sendToPeer("bob", "two", { storeIfAway: true });
  await bob.client.login();
  await alice.client.sendToPeer("bob", "three");

  expect(outcome).toBe(DeliveryOutcome.STORED);
  expect(bob.told).toEqual(["stored one", "stored two", "live three"]);
  await eventually(() => expect(alice.told).toEqual([`receipt ${DeliveryOutcome.DELIVERED} of bob`]));
});

it("the server's setting stores for senders who do not say, and a sender can say no", async () => {
  const test = await startTestServer({ storeForAway: true });
  const { client } = await createUser(test, "alice");
  await client.login();

  expect(await client.sendToPeer("bob", "hi")).toMatchObject({ outcome: DeliveryOutcome.STORED });
  expect(await codeOf(client.sendToPeer("bob", "hi", { storeIfAway: false }))).toBe("PEER_UNREACHABLE");
});

it("the server says that it has inboxes", async () => {
  const { login } = await startTestServer();

  expect((await login("alice")).welcome.capabilities).toContain(Capability.INBOX);
});
