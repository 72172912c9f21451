import { invitationStates } from "../../../../gen/aldis/v1/tables/states.js";
import type { Clock } from "../../runtime.js";
import type { InvitationStore, StoredInvitation } from "../ports/invitation-store.js";
import { keyText } from "../ports/keys.js";
import { type DueEntry, DueQueue } from "./due-queue.js";

/** An invitation store in memory. The live invitations are indexed; those that ended wait to be forgotten. */
export class MemoryInvitationStore implements InvitationStore {
  readonly #clock: Clock;
  readonly #invitations = new Map<string, StoredInvitation>();
  /** The ids of live invitations by user, the oldest first. */
  readonly #liveOf = new Map<string, Set<string>>();
  /** The unique keys of live invitations. */
  readonly #uniqueKeys = new Set<string>();
  readonly #timers = new Map<string, DueEntry<string>>();
  readonly #timerQueue = new DueQueue<string>();
  /** When invitations ended, the first first. */
  readonly #endedAtMs = new Map<string, number>();

  constructor({ clock }: { clock: Clock }) {
    this.#clock = clock;
  }

  async create(stored: StoredInvitation): Promise<"created" | "exists" | "duplicate"> {
    const id = idText(stored);
    if (this.#invitations.has(id)) return "exists";
    if (this.#uniqueKeys.has(uniqueText(stored))) return "duplicate";
    this.#store(id, stored);
    return "created";
  }

  async replace(stored: StoredInvitation, expectedVersion: number): Promise<boolean> {
    const id = idText(stored);
    if (this.#invitations.get(id)?.invitation.version !== expectedVersion) return false;
    this.#store(id, stored);
    return true;
  }

  async find(appId: string, invitationId: string): Promise<StoredInvitation | undefined> {
    return this.#invitations.get(keyText(appId, invitationId));
  }

  async live(appId: string, userId: string): Promise<StoredInvitation[]> {
    return this.#all(this.#liveOf.get(keyText(appId, userId)) ?? []);
  }

  async due(nowMs: number, limit: number): Promise<StoredInvitation[]> {
    return this.#all(this.#timerQueue.due(nowMs, limit));
  }

  async forgetEnded(beforeMs: number, limit: number): Promise<number> {
    let forgotten = 0;
    for (const [id, endedAtMs] of this.#endedAtMs) {
      if (forgotten >= limit || endedAtMs >= beforeMs) break;
      this.#endedAtMs.delete(id);
      this.#invitations.delete(id);
      this.#setTimer(id, 0);
      forgotten += 1;
    }
    return forgotten;
  }

  #store(id: string, stored: StoredInvitation): void {
    this.#invitations.set(id, stored);
    this.#setTimer(id, stored.dueAtMs);
    if (!invitationStates[stored.invitation.state].terminal) this.#keepAlive(id, stored);
    else if (!this.#endedAtMs.has(id)) this.#end(id, stored);
  }

  #keepAlive(id: string, stored: StoredInvitation): void {
    for (const user of sidesOf(stored)) {
      // A set keeps the place of what it has, so a change does not make an invitation younger.
      this.#liveOf.set(user, (this.#liveOf.get(user) ?? new Set()).add(id));
    }
    if (stored.uniqueKey !== "") this.#uniqueKeys.add(uniqueText(stored));
  }

  #end(id: string, stored: StoredInvitation): void {
    for (const user of sidesOf(stored)) {
      const live = this.#liveOf.get(user);
      live?.delete(id);
      if (live?.size === 0) this.#liveOf.delete(user);
    }
    this.#uniqueKeys.delete(uniqueText(stored));
    this.#endedAtMs.set(id, this.#clock.now());
  }

  #setTimer(id: string, dueAtMs: number): void {
    const timer = this.#timers.get(id);
    if (timer !== undefined) this.#timerQueue.remove(timer);
    if (dueAtMs > 0) this.#timers.set(id, this.#timerQueue.add(dueAtMs, id));
    else this.#timers.delete(id);
  }

  #all(ids: Iterable<string>): StoredInvitation[] {
    return Array.from(ids, (id) => this.#invitations.get(id)).filter((stored) => stored !== undefined);
  }
}

function sidesOf({ appId, invitation }: StoredInvitation): string[] {
  return [keyText(appId, invitation.caller), keyText(appId, invitation.callee)];
}

function idText({ appId, invitation }: StoredInvitation): string {
  return keyText(appId, invitation.invitationId);
}

function uniqueText({ appId, uniqueKey }: StoredInvitation): string {
  return keyText(appId, uniqueKey);
}
