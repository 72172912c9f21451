import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import type { Limits } from "../../../gen/aldis/v1/tables/limits.js";
import type { LiveSession } from "./live-session.js";
import { type Refusal, refuse, refuseOver } from "./refusal.js";
import type { Listening, UserNews, UserTopics } from "./user-topics.js";

/** What a session hears of one user. */
export interface UserWatch {
  take(news: UserNews): void;
}

interface Entry<W> {
  readonly watch: W;
  readonly listening: Listening;
}

/** Whom the sessions of this node watch: each session at most `presenceSubscriptions` users, until it ends. */
export class UserWatches<W extends UserWatch> {
  private readonly bySession = new Map<LiveSession, Map<string, Entry<W>>>();

  constructor(
    private readonly kind: UserNews["kind"],
    private readonly topics: UserTopics,
    private readonly limits: Limits,
  ) {}

  /** Whom a session watches, in the order in which it began. */
  users(session: LiveSession): string[] {
    return [...(this.bySession.get(session)?.keys() ?? [])];
  }

  /**
   * Watches users, all or none of them; those that are watched already go on. Gives the new and the old ones by user. Resolves
   * when all later news will be taken.
   */
  async add(session: LiveSession, userIds: readonly string[], make: () => W): Promise<ReadonlyMap<string, W> | Refusal> {
    if (session.ended) return refuse(ErrorCode.NOT_LOGGED_IN, "the session is over; log in again");
    const entries = this.bySession.get(session) ?? new Map<string, Entry<W>>();
    const fresh = [...new Set(userIds)].filter((userId) => !entries.has(userId));
    if (entries.size + fresh.length > this.limits.presenceSubscriptions) {
      return refuseOver(ErrorCode.TOO_MANY_ITEMS, this.limits, "presenceSubscriptions", "the session watches too many users");
    }
    this.bySession.set(session, entries);
    for (const userId of fresh) entries.set(userId, this.begin(session, userId, make()));
    const asked = new Map(userIds.flatMap((userId) => entriesOf(entries, userId)));
    try {
      await Promise.all([...asked.values()].map(({ listening }) => listening.ready));
    } catch (failure) {
      this.remove(session, fresh);
      throw failure;
    }
    return new Map([...asked].map(([userId, { watch }]) => [userId, watch]));
  }

  /** Ends watches. A user who is not watched is no error. */
  remove(session: LiveSession, userIds: readonly string[]): void {
    const entries = this.bySession.get(session);
    for (const userId of userIds) {
      entries?.get(userId)?.listening.stop();
      entries?.delete(userId);
    }
    if (entries?.size === 0) this.bySession.delete(session);
  }

  /** The session is over. */
  end(session: LiveSession): void {
    this.remove(session, this.users(session));
  }

  private begin({ user }: LiveSession, userId: string, watch: W): Entry<W> {
    const listening = this.topics.listen({ appId: user.appId, userId }, this.kind, (news) => watch.take(news));
    return { watch, listening };
  }
}

function entriesOf<E>(entries: ReadonlyMap<string, E>, userId: string): [string, E][] {
  const entry = entries.get(userId);
  return entry === undefined ? [] : [[userId, entry]];
}
