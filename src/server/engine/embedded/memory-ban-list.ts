import type { Clock } from "../../runtime.js";
import type { BanList, StoredBan } from "../ports/ban-list.js";
import { keyText, type UserKey } from "../ports/keys.js";
import { type DueEntry, DueQueue } from "./due-queue.js";

/** The most bans that one sweep drops, so that it never holds up the process for more than a few milliseconds. */
const sweepStep = 1000;

/** A ban list in memory. */
export class MemoryBanList implements BanList {
  readonly #clock: Clock;
  /** By app, then by user and channel. */
  readonly #apps = new Map<string, Map<string, StoredBan>>();
  readonly #ends = new Map<StoredBan, DueEntry<StoredBan>>();
  readonly #endQueue = new DueQueue<StoredBan>();

  constructor({ clock }: { clock: Clock }) {
    this.#clock = clock;
  }

  async set(ban: StoredBan): Promise<void> {
    const { appId, userId } = ban.user;
    this.#drop(this.#get(ban.user, ban.channel));
    const bans = this.#apps.get(appId) ?? new Map<string, StoredBan>();
    this.#apps.set(appId, bans.set(keyText(userId, ban.channel), ban));
    if (ban.untilMs !== 0) this.#ends.set(ban, this.#endQueue.add(ban.untilMs, ban));
  }

  async remove(user: UserKey, channel: string): Promise<boolean> {
    const ban = this.#get(user, channel);
    this.#drop(ban);
    return ban !== undefined && isInForce(ban, this.#clock.now());
  }

  async find(user: UserKey, channel: string, nowMs: number): Promise<StoredBan | undefined> {
    const bans = [this.#get(user, ""), this.#get(user, channel)];
    return bans.find((ban) => ban !== undefined && isInForce(ban, nowMs));
  }

  async list(
    appId: string,
    nowMs: number,
    after: { userId: string; channel: string } | undefined,
    limit: number,
  ): Promise<StoredBan[]> {
    return [...(this.#apps.get(appId)?.values() ?? [])]
      .filter((ban) => isInForce(ban, nowMs) && (after === undefined || compare(placeOf(ban), after) > 0))
      .sort((one, other) => compare(placeOf(one), placeOf(other)))
      .slice(0, limit);
  }

  /** Frees the memory of bans that have ended. */
  sweep(): void {
    for (const ban of this.#endQueue.due(this.#clock.now(), sweepStep)) this.#drop(ban);
  }

  #get({ appId, userId }: UserKey, channel: string): StoredBan | undefined {
    return this.#apps.get(appId)?.get(keyText(userId, channel));
  }

  #drop(ban: StoredBan | undefined): void {
    if (ban === undefined) return;
    const { appId, userId } = ban.user;
    const bans = this.#apps.get(appId);
    bans?.delete(keyText(userId, ban.channel));
    if (bans?.size === 0) this.#apps.delete(appId);
    const end = this.#ends.get(ban);
    if (end !== undefined) this.#endQueue.remove(end);
    this.#ends.delete(ban);
  }
}

function isInForce(ban: StoredBan, nowMs: number): boolean {
  return ban.untilMs === 0 || nowMs < ban.untilMs;
}

interface Place {
  readonly userId: string;
  readonly channel: string;
}

function placeOf(ban: StoredBan): Place {
  return { userId: ban.user.userId, channel: ban.channel };
}

function compare(one: Place, other: Place): number {
  return compareTexts(one.userId, other.userId) || compareTexts(one.channel, other.channel);
}

function compareTexts(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
