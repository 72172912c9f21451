import { createClient } from "../../src/client/index.js";
import { issueToken } from "../../src/server/auth/jwt.js";
import { secretTokenKey } from "../../src/server/auth/token-key.js";
import { systemRuntime } from "../../src/server/runtime.js";
import type { Phase, Phases } from "./phases.js";
import { secret } from "./server.js";
import { appId, pause } from "./target.js";

const pairs = 2;
const sendEveryMs = 20;

/** How long an answer may be waited for at the end, in milliseconds. */
const patienceMs = 5000;

/** How honest clients fared in one kind of phase. */
export interface Measurement {
  readonly messages: number;
  /** The time from a send to its receipt that 99 of 100 keep, in milliseconds. */
  readonly p99Ms: number;
}

export interface Comparison {
  readonly before: Measurement;
  readonly during: Measurement;
  /** Sends that failed, and connections that were lost. */
  readonly failures: number;
  /** How much longer 99 of 100 took in a phase of attack than in the calm one before it: the middle of all pairs. */
  readonly slowdown: number;
}

interface Sample {
  readonly sentAt: number;
  readonly ms: number;
}

/** Clients who do nothing but send each other messages, and measure how long it takes until these are received. */
export class HonestClients {
  private samples: Sample[] = [];
  private waiting = 0;
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

  /** Compares what was sent in phases of attack with what was sent in calm ones, when all has been answered; then it begins anew. */
  async compare(phases: Phases): Promise<Comparison> {
    for (let waited = 0; this.waiting > 0 && waited < patienceMs; waited += sendEveryMs) await pause(sendEveryMs);
    const ofPhases = new Map<number, number[]>();
    const of: Record<Phase, number[]> = { calm: [], attack: [], settling: [] };
    for (const { sentAt, ms } of this.samples) {
      const found = phases.at(sentAt);
      if (found === undefined) continue;
      of[found.phase].push(ms);
      const times = ofPhases.get(found.number) ?? [];
      times.push(ms);
      ofPhases.set(found.number, times);
    }
    const slowdowns = [...ofPhases].flatMap(([number, times]) => {
      const calm = ofPhases.get(number - 1);
      return phases.isAttack(number) && calm !== undefined ? [p99(times) / p99(calm)] : [];
    });
    const comparison = {
      before: { messages: of.calm.length, p99Ms: rounded(p99(of.calm)) },
      during: { messages: of.attack.length, p99Ms: rounded(p99(of.attack)) },
      failures: this.failures,
      slowdown: rounded(quantile(slowdowns, 0.5)),
    };
    this.begin();
    return comparison;
  }

  /** Forgets what was measured. */
  begin(): void {
    this.samples = [];
    this.failures = 0;
  }

  async stop(): Promise<void> {
    this.over = true;
    await Promise.all(this.clients.map((client) => client.close()));
  }

  private async talk(client: ReturnType<typeof createClient>, receiver: string): Promise<void> {
    while (!this.over) {
      const startedAt = performance.now();
      this.waiting += 1;
      const sent = client.sendToPeer(receiver, "how are you").then(
        () => void this.samples.push({ sentAt: startedAt, ms: performance.now() - startedAt }),
        () => {
          if (!this.over) this.failures += 1;
        },
      );
      void sent.finally(() => {
        this.waiting -= 1;
      });
      await pause(sendEveryMs);
    }
  }
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length * share)] ?? Number.POSITIVE_INFINITY;
}

const p99 = (times: readonly number[]): number => quantile(times, 0.99);

const rounded = (value: number): number => Math.round(value * 100) / 100;
