import { PresenceState } from "../../../../gen/aldis/v1/presence.js";
import type { Clock } from "../../runtime.js";
import { keyText, type UserKey } from "../ports/keys.js";
import type { ClaimState, PresenceRecord, SessionDirectory, SessionEntry } from "../ports/session-directory.js";
import { idsAfter } from "./ids-after.js";

/**
 * The most users whose presence version is remembered after they have gone offline. About 20 MB; the others are told a version
 * that is high enough, so nothing but the exact number is lost.
 */
const rememberedOfflineUsers = 100_000;

interface Login {
  readonly user: UserKey;
  readonly entry: SessionEntry;
  readonly presence: PresenceRecord;
}

/** A session directory in memory. Claims end only by release. */
export class MemorySessionDirectory implements SessionDirectory {
  readonly verifyIntervalMs = Number.POSITIVE_INFINITY;
  readonly #logins = new Map<string, Login>();
  /** Users who have gone offline, the first to go first, so in the order of their versions. */
  readonly #offline = new Map<string, PresenceRecord>();
  /** What is told of users whom nobody remembers: not lower than any version that one of them had, before a restart too. */
  #forgotten: PresenceRecord;
  /** The last epoch or version given. */
  #counter: number;

  constructor({ clock }: { clock: Clock }) {
    // In microseconds: after a restart it goes on above all that the former directory gave, up to a million changes a second.
    this.#counter = clock.now() * 1000;
    this.#forgotten = { state: PresenceState.OFFLINE, version: this.#counter };
  }

  async claim(
    user: UserKey,
    session: { sessionId: string; nodeId: string },
  ): Promise<{ epoch: number; replaced?: SessionEntry }> {
    const key = userText(user);
    const former = this.#logins.get(key);
    this.#counter += 1;
    const epoch = this.#counter;
    const entry = { sessionId: session.sessionId, nodeId: session.nodeId, epoch };
    const presence =
      former?.presence.state === PresenceState.ONLINE ? former.presence : { state: PresenceState.ONLINE, version: epoch };
    this.#logins.set(key, { user, entry, presence });
    this.#offline.delete(key);
    return { epoch, replaced: former?.entry };
  }

  async verify(sessions: readonly { user: UserKey; epoch: number }[]): Promise<ClaimState[]> {
    return sessions.map(({ user, epoch }) => {
      const present = this.#logins.get(userText(user))?.entry.epoch;
      if (present === epoch) return "held";
      return present === undefined ? "lost" : "replaced";
    });
  }

  async release(user: UserKey, epoch: number): Promise<boolean> {
    if (this.#loginOf(user, epoch) === undefined) return false;
    const key = userText(user);
    this.#logins.delete(key);
    this.#counter += 1;
    this.#offline.set(key, { state: PresenceState.OFFLINE, version: this.#counter });
    if (this.#offline.size > rememberedOfflineUsers) this.#forgetOldestHalf();
    return true;
  }

  async find(user: UserKey): Promise<SessionEntry | undefined> {
    return this.#logins.get(userText(user))?.entry;
  }

  async list(appId: string, after: string, limit: number) {
    const { ids, count } = idsAfter(this.#logins.keys(), appId, after, limit);
    const users = ids.flatMap((userId) => {
      const nodeId = this.#logins.get(keyText(appId, userId))?.entry.nodeId;
      return nodeId === undefined ? [] : [{ userId, nodeId }];
    });
    return { users, count };
  }

  async ofNode(nodeId: string, limit: number): Promise<{ user: UserKey; epoch: number }[]> {
    const claims: { user: UserKey; epoch: number }[] = [];
    for (const { user, entry } of this.#logins.values()) {
      if (claims.length >= limit) break;
      if (entry.nodeId === nodeId) claims.push({ user, epoch: entry.epoch });
    }
    return claims;
  }

  async setPresence(user: UserKey, epoch: number, state: PresenceState): Promise<PresenceRecord | undefined> {
    const login = this.#loginOf(user, epoch);
    if (login === undefined || login.presence.state === state) return login?.presence;
    this.#counter += 1;
    const presence = { state, version: this.#counter };
    this.#logins.set(userText(user), { ...login, presence });
    return presence;
  }

  async presence(users: readonly UserKey[]): Promise<PresenceRecord[]> {
    return users.map((user) => {
      const key = userText(user);
      return this.#logins.get(key)?.presence ?? this.#offline.get(key) ?? this.#forgotten;
    });
  }

  /** The user's login, if it is the one with this epoch. */
  #loginOf(user: UserKey, epoch: number): Login | undefined {
    const login = this.#logins.get(userText(user));
    return login?.entry.epoch === epoch ? login : undefined;
  }

  /** Many at once: a map finds its first entry slowly when those before it have been deleted. */
  #forgetOldestHalf(): void {
    for (const [key, presence] of this.#offline) {
      if (this.#offline.size <= rememberedOfflineUsers / 2) return;
      this.#offline.delete(key);
      this.#forgotten = presence;
    }
  }
}

function userText({ appId, userId }: UserKey): string {
  return keyText(appId, userId);
}
