import { performance } from "node:perf_hooks";
import { type AldisClient, createClient } from "../../src/client/index.js";
import { sleep } from "../load/clock.js";
import type { Outcome, Report } from "../support/report.js";
import { percentile, round } from "../support/statistics.js";
import { aldis, aldisInMemory } from "../systems/aldis.js";
import type { RunningServer, System } from "../systems/system.js";
import { tokenIssuer } from "../systems/token.js";

export interface LatencyOptions {
  /** Messages of each kind. */
  readonly messages: number;
  readonly profileDir?: string;
}

interface LatencyRow {
  readonly case: "latency";
  readonly system: string;
  readonly what: string;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
}

const warmUpMessages = 100;
const pauseMs = 5;

/** One sender and one receiver on an idle server, with the client that applications use, one message after the other. */
export async function runLatency({ messages, profileDir }: LatencyOptions, report: Report): Promise<Outcome> {
  for (const system of [aldis, aldisInMemory]) {
    const server = await system.start({ profileDir });
    const [alice, bob] = await Promise.all(["alice", "bob"].map((userId) => login(server, userId)));
    if (alice === undefined || bob === undefined) throw new Error("there are two clients");
    try {
      report.progress(`${system.name}: ${messages} messages of each kind`);
      const peer = () => alice.sendToPeer("bob", "hello");
      report.row(await measure(system, "peer message until its receipt", messages, peer));
      report.row(await measure(system, "channel message until it is heard", messages, await channelRoundTrip(alice, bob)));
    } finally {
      await Promise.all([alice.close(), bob.close()]);
      await server.stop();
    }
  }
  return { failed: false };
}

async function login(server: RunningServer, userId: string): Promise<AldisClient> {
  const { address, port } = server.address;
  const issue = tokenIssuer(server);
  const client = createClient({ address: `${address}:${port}`, appId: "dev", userId, token: () => issue(userId) });
  await client.login();
  return client;
}

async function channelRoundTrip(alice: AldisClient, bob: AldisClient): Promise<() => Promise<unknown>> {
  const [sender, receiver] = [alice.channel("bench"), bob.channel("bench")];
  await Promise.all([sender.join(), receiver.join()]);
  return () => {
    const heard = new Promise<void>((resolve) => {
      const stop = receiver.on("message", () => {
        stop();
        resolve();
      });
    });
    return Promise.all([sender.send("hello"), heard]);
  };
}

async function measure(system: System, what: string, messages: number, roundTrip: () => Promise<unknown>): Promise<LatencyRow> {
  const latencies: number[] = [];
  for (let i = 0; i < warmUpMessages + messages; i += 1) {
    const start = performance.now();
    await roundTrip();
    if (i >= warmUpMessages) latencies.push(performance.now() - start);
    await sleep(pauseMs);
  }
  const ms = (share: number) => round(percentile(latencies, share));
  return { case: "latency", system: system.name, what, p50Ms: ms(0.5), p99Ms: ms(0.99), p999Ms: ms(0.999) };
}
