import { issueToken } from "../../src/server/auth/jwt.js";
import { secretTokenKey } from "../../src/server/auth/token-key.js";
import { systemRuntime } from "../../src/server/runtime.js";
import { Random } from "../simulation/random.js";
import type { Tally } from "./tally.js";

/** What an attacker is told. */
export interface Order {
  readonly attack: string;
  readonly port: number;
  readonly secret: string;
  readonly seed: number;
  readonly durationMs: number;
}

export const appId = "dev";

/**
 * How much longer an attack goes on that the server has neither refused nor cut, in milliseconds: on a busy machine it takes longer to
 * come to a limit. Too short for LIMIT_SILENCE_TIMEOUT_MS, which would end each attacker who only waits.
 */
export const unansweredMs = 10_000;

/** The addresses from which attackers come: all of 127.0.0.0/8 is this machine. */
const attackers = { network: "127.0.1", count: 200 };

/** The server under attack, and what the attack counts. */
export class Target {
  readonly random: Random;
  readonly port: number;
  private readonly endsAt: number;
  private addresses = 0;
  private users = 0;

  constructor(
    private readonly order: Order,
    readonly tally: Tally,
  ) {
    this.random = new Random(order.seed);
    this.port = order.port;
    this.endsAt = performance.now() + order.durationMs;
  }

  /** True when the attack is to end: its time is over, and it was answered, or will not be. */
  get over(): boolean {
    const now = performance.now();
    return now >= this.endsAt && (this.tally.answered || now >= this.endsAt + unansweredMs);
  }

  /** An address of the attacker, another one each time until all are used. */
  nextAddress(): string {
    this.addresses += 1;
    return `${attackers.network}.${1 + (this.addresses % attackers.count)}`;
  }

  nextUser(): string {
    this.users += 1;
    return `${this.order.attack}-${this.users}`;
  }

  /** A good token; for another app it is signed with the key of this one. */
  token(userId: string, app = appId): Promise<string> {
    return issueToken({ appId: app, userId, key: secretTokenKey(this.order.secret), runtime: systemRuntime });
  }
}

/** Lets a moment pass. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
