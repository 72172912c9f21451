import type { PresenceState } from "../../../../gen/aldis/v1/presence.js";
import type { UserKey } from "../ports/keys.js";
import type { ClaimState, PresenceRecord, SessionDirectory, SessionEntry } from "../ports/session-directory.js";
import { IdList } from "./id-list.js";
import { userTag } from "./keys.js";
import { NodeIndex } from "./node-index.js";
import { listOf, numberOf, textOf } from "./reply.js";
import type { Runner } from "./runner.js";
import { changePresence, claimUser, findSession, readPresence, releaseUser } from "./scripts/session.js";

/** The most claims without an answer that are looked after until Redis is back: more logins than a node has under way. */
const maxDoubts = 10_000;

/** A session directory in Redis. */
export class RedisSessionDirectory implements SessionDirectory {
  readonly verifyIntervalMs = 10_000;
  readonly #runner: Runner;
  readonly #ofNode: NodeIndex;
  readonly #users: IdList;
  /** Claims of which nobody knows whether they were made. Their sessions do not begin, so they must not stay. */
  readonly #doubts = new Map<string, UserKey>();

  constructor({ runner }: { runner: Runner }) {
    this.#runner = runner;
    this.#ofNode = new NodeIndex(runner, "sessions");
    this.#users = new IdList(runner, "users");
    runner.connection.onReturn(() => void this.#endDoubts());
  }

  async claim(
    user: UserKey,
    { sessionId, nodeId }: { sessionId: string; nodeId: string },
  ): Promise<{ epoch: number; replaced?: SessionEntry }> {
    await this.#ofNode.add(nodeId, indexEntry(user, sessionId));
    const [epoch, had, ...former] = await this.#claim(user, sessionId, nodeId);
    this.#users.setLater(user.appId, user.userId, true, numberOf(epoch));
    if (numberOf(had) === 0) return { epoch: numberOf(epoch) };
    const replaced = sessionEntry(former);
    // The present claim may be told of by the same text.
    if (replaced.nodeId !== nodeId || replaced.sessionId !== sessionId) {
      this.#ofNode.removeLater(replaced.nodeId, indexEntry(user, replaced.sessionId));
    }
    return { epoch: numberOf(epoch), replaced };
  }

  async verify(sessions: readonly { user: UserKey; epoch: number }[]): Promise<ClaimState[]> {
    return Promise.all(
      sessions.map(async ({ user, epoch }) => {
        const present = await this.find(user);
        if (present?.epoch === epoch) return "held";
        return present === undefined ? "lost" : "replaced";
      }),
    );
  }

  async release(user: UserKey, epoch: number): Promise<boolean> {
    const reply = listOf(await this.#runner.run(releaseUser, userTag(user), { expected: epoch }));
    const version = numberOf(reply[0]);
    if (version === 0) return false;
    this.#users.setLater(user.appId, user.userId, false, version);
    this.#ofNode.removeLater(textOf(reply[2]), indexEntry(user, textOf(reply[1])));
    return true;
  }

  async find(user: UserKey): Promise<SessionEntry | undefined> {
    const entry = sessionEntry(listOf(await this.#runner.run(findSession, userTag(user), {})));
    return entry.epoch === 0 ? undefined : entry;
  }

  async list(appId: string, after: string, limit: number) {
    const { found, count } = await this.#users.list(appId, after, limit, async (userId) => {
      const entry = await this.find({ appId, userId });
      return entry && { userId, nodeId: entry.nodeId };
    });
    return { users: found, count };
  }

  ofNode(nodeId: string, limit: number): Promise<{ user: UserKey; epoch: number }[]> {
    return this.#ofNode.some(nodeId, limit, async (text) => {
      const [sessionId, appId, userId] = JSON.parse(text) as [string, string, string];
      const user = { appId, userId };
      const entry = await this.find(user);
      return entry?.nodeId === nodeId && entry.sessionId === sessionId ? { user, epoch: entry.epoch } : undefined;
    });
  }

  async setPresence(user: UserKey, epoch: number, state: PresenceState): Promise<PresenceRecord | undefined> {
    const reply = await this.#runner.run(changePresence, userTag(user), { expected: epoch, newState: state });
    const version = numberOf(reply);
    return version === 0 ? undefined : { state, version };
  }

  async presence(users: readonly UserKey[]): Promise<PresenceRecord[]> {
    return Promise.all(
      users.map(async (user) => {
        const [state, version] = listOf(await this.#runner.run(readPresence, userTag(user), {}));
        return { state: numberOf(state) as PresenceState, version: numberOf(version) };
      }),
    );
  }

  async #claim(user: UserKey, sessionId: string, nodeId: string) {
    try {
      return listOf(await this.#runner.run(claimUser, userTag(user), { newSession: sessionId, newNode: nodeId }));
    } catch (failure) {
      if (this.#doubts.size < maxDoubts) this.#doubts.set(indexEntry(user, sessionId), user);
      throw failure;
    }
  }

  async #endDoubts(): Promise<void> {
    for (const [text, user] of [...this.#doubts]) {
      try {
        const entry = await this.find(user);
        if (entry !== undefined && indexEntry(user, entry.sessionId) === text) await this.release(user, entry.epoch);
        this.#doubts.delete(text);
      } catch {
        // The connection is lost again: the next return goes on.
        return;
      }
    }
  }
}

/** What the index of a node says of a claim. The id of a session is never used twice. */
function indexEntry({ appId, userId }: UserKey, sessionId: string): string {
  return JSON.stringify([sessionId, appId, userId]);
}

function sessionEntry([sessionId, nodeId, epoch]: readonly Parameters<typeof numberOf>[0][]): SessionEntry {
  return { sessionId: textOf(sessionId), nodeId: textOf(nodeId), epoch: numberOf(epoch) };
}
