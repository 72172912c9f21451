import { createClient } from "../../src/client/index.js";
import { issueToken } from "../../src/server/auth/jwt.js";
import { secretTokenKey } from "../../src/server/auth/token-key.js";
import { systemRuntime } from "../../src/server/runtime.js";
import { secret } from "./server.js";
import { appId, pause } from "./target.js";

const pairs = 2;
const sendEveryMs = 20;

/** A time in which honest clients were measured. */
export interface Measurement {
  readonly messages: number;
  /** The time from a send to its receipt that 99 of 100 keep, in milliseconds. */
  readonly p99Ms: number;
  /** Sends that failed, and connections that were lost. */
  readonly failures: number;
}

/** Clients who do nothing but send each other messages, and measure how long it takes until these are received. */
export class HonestClients {
  private times: number[] = [];
  private failures = 0;
  private over = false;

  private constructor(private readonly clients: ReturnType<typeof createClient>[]) {}

  static async start(port: number): Promise<HonestClients> {
    const key = secretTokenKey(secret);
    const clients = Array.from({ length: 2 * pairs }, (_, index) => {
      const userId = `honest${index}`;
      const token = () => issueToken({ appId, userId, key, runtime: systemRuntime });
      return createClient({ address: `127.0.0.1:${port}`, appId, userId, token });
    });
    const honest = new HonestClients(clients);
    for (const [index, client] of clients.entries()) {
      await client.login();
      client.on("stateChanged", () => {
        if (!honest.over) honest.failures += 1;
      });
      if (index % 2 === 0) void honest.talk(client, `honest${index + 1}`);
    }
    return honest;
  }

  /** What has been measured since the last look. */
  look(): Measurement {
    const times = this.times.toSorted((one, other) => one - other);
    const p99Ms = Math.round((times[Math.floor(times.length * 0.99)] ?? Number.POSITIVE_INFINITY) * 10) / 10;
    const { failures } = this;
    this.times = [];
    this.failures = 0;
    return { messages: times.length, p99Ms, failures };
  }

  async stop(): Promise<void> {
    this.over = true;
    await Promise.all(this.clients.map((client) => client.close()));
  }

  private async talk(client: ReturnType<typeof createClient>, receiver: string): Promise<void> {
    while (!this.over) {
      const startedAt = performance.now();
      void client.sendToPeer(receiver, "how are you").then(
        () => this.times.push(performance.now() - startedAt),
        () => {
          if (!this.over) this.failures += 1;
        },
      );
      await pause(sendEveryMs);
    }
  }
}
