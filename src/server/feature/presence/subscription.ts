import type { LiveSession } from "../live-session.js";
import type { UserNews } from "../user-topics.js";
import type { UserWatch } from "../user-watches.js";

/**
 * A session that is told the presence of one user. The version orders what comes, so late news never follows newer. There is one
 * event in the session's queue at most, and the newest state waits behind it: whoever comes back hears the difference.
 */
export class PresenceSubscription implements UserWatch {
  private told = 0;
  private newest: UserNews | undefined;
  /** True once the session has the answer to its call. */
  private opened = false;
  /** True while an event of this user is in the session's queue. */
  private queued = false;

  constructor(private readonly session: LiveSession) {}

  take(news: UserNews): void {
    if (news.version <= Math.max(this.told, this.newest?.version ?? 0)) return;
    this.newest = news;
    this.tell();
  }

  /**
   * The session has the state of a version; later ones follow. Only the first answer counts: the client may have given up the
   * wait for another one, and then it needs the event.
   */
  open(version: number): void {
    if (this.opened) return;
    this.told = version;
    this.opened = true;
    this.tell();
  }

  private tell(): void {
    const { newest } = this;
    if (!this.opened || this.queued || newest === undefined || newest.version <= this.told) return;
    this.told = newest.version;
    this.queued = true;
    this.session.push(newest.entry, (fate) => {
      this.queued = false;
      if (fate === "acknowledged") this.tell();
    });
  }
}
