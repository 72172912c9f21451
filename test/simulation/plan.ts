import { defaultLimits, type Limits } from "../../gen/aldis/v1/tables/limits.js";
import type { Action } from "./actions/action.js";
import { actions } from "./actions/index.js";
import type { Fault } from "./faults/fault.js";
import { faults } from "./faults/index.js";
import type { Random } from "./random.js";

/** What one run is like. Each run leaves some kinds of action and fault out and weighs the others anew: swarm testing. */
export interface Plan {
  readonly users: number;
  readonly clients: number;
  readonly channels: number;
  readonly hostiles: number;
  /** How long clients act and faults happen, in milliseconds. */
  readonly activeMs: number;
  /** The mean time between two actions of one client, in milliseconds. */
  readonly actionEveryMs: number;
  /** The mean time between two faults, in milliseconds. */
  readonly faultEveryMs: number;
  /** How long a token is good, in milliseconds. 0 for ever. */
  readonly tokenMs: number;
  /** True if attributes, inboxes and invitations outlive the server's process. */
  readonly keepsStore: boolean;
  /** How many of the users have attributes that end with their session. */
  readonly usersWithSessionAttributes: number;
  readonly limits: Limits;
  /** The share of its time for which the server's event loop is at work: above a half, channel traffic waits. */
  readonly workload: number;
  readonly actions: readonly Weighted<Action>[];
  readonly faults: readonly Weighted<Fault>[];
}

export interface Weighted<T> {
  readonly weight: number;
  readonly value: T;
}

export function planFrom(random: Random): Plan {
  const races = random.chance(0.4);
  const clients = random.between(3, 7);
  return {
    clients,
    users: races ? random.between(2, clients) : clients,
    channels: random.between(1, 3),
    hostiles: random.chance(0.4) ? random.between(1, 2) : 0,
    activeMs: random.between(60, 120) * 1000,
    actionEveryMs: random.pick([500, 1500, 4000]),
    faultEveryMs: random.pick([1500, 5000, 15_000, 60_000]),
    tokenMs: random.pick([0, 0, 0, 40_000, 90_000]),
    keepsStore: random.chance(0.5),
    usersWithSessionAttributes: random.between(0, 3),
    limits: limitsFrom(random),
    actions: swarm(actions, random, 0.7),
    faults: random.chance(0.15) ? [] : swarm(faults, random, 0.5),
    workload: random.pick([0, 0.2, 0.8]),
  };
}

/** Leaves some out, and weighs the others. */
export function swarm<T>(values: readonly T[], random: Random, kept: number): Weighted<T>[] {
  return values.map((value) => ({ value, weight: random.chance(kept) ? random.pick([1, 2, 8]) : 0 }));
}

/** The limits of the protocol, or some that are reached sooner. */
function limitsFrom(random: Random): Limits {
  const smallQueue = random.chance(0.3);
  return {
    ...defaultLimits,
    replayEvents: smallQueue ? random.pick([4, 12, 40]) : defaultLimits.replayEvents,
    replayBytes: smallQueue ? random.pick([2_000, 16_000, 200_000]) : defaultLimits.replayBytes,
    channelHistoryMessages: random.pick([2, 8, defaultLimits.channelHistoryMessages]),
    tokenGraceMs: random.pick([0, 20_000, defaultLimits.tokenGraceMs]),
    drainMs: random.pick([1000, 10_000]),
    batchBytes: random.pick([200, defaultLimits.batchBytes]),
    // Sooner than by default: more happens in a run, and seeds mean what they have meant.
    ackIntervalMs: 1000,
    // What a run does in a minute, an application does in a day.
    logins: 50,
    joins: 500,
    attributeWrites: 100,
    channelAttributeWrites: 100,
    sameChannelJoins: random.chance(0.5) ? 100 : defaultLimits.sameChannelJoins,
  };
}
