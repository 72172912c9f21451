import type { LiveSession } from "../live-session.js";
import type { UserNews } from "../user-topics.js";
import type { UserWatch } from "../user-watches.js";

/**
 * A session that watches the attributes of one user. What comes before it has the answer to its read, or while its queue is
 * full, is conflated: only the newest change is kept. Its revision shows the reader that others were dropped.
 */
export class AttributeWatch implements UserWatch {
  private waiting = true;
  /** True once the session has the answer to its first read. */
  private opened = false;
  private newest: UserNews | undefined;
  /** True if the set has ended and begun anew while changes were held: then a lower revision is the newer one. */
  private beganAnew = false;
  /** The revision that the session has, or that is in its queue. */
  private told: number | undefined;

  constructor(private readonly session: LiveSession) {}

  take(news: UserNews): void {
    if (news.again && news.version === (this.newest?.version ?? this.told)) return;
    if (this.waiting) this.hold(news);
    else this.push(news);
  }

  /**
   * The session has the attributes in a revision; later ones follow. Only the first answer counts: the client may have given up
   * the wait for another one, and then it needs the event.
   */
  open(revision: number): void {
    if (this.opened) return;
    this.opened = true;
    this.told = revision;
    this.release(revision);
  }

  private release(revision: number): void {
    const { newest, beganAnew } = this;
    this.waiting = false;
    this.newest = undefined;
    this.beganAnew = false;
    if (newest !== undefined && (beganAnew || newest.version > revision)) this.push(newest);
  }

  private hold(news: UserNews): void {
    if (this.newest !== undefined && news.version < this.newest.version) this.beganAnew = true;
    this.newest = news;
  }

  private push(news: UserNews): void {
    this.told = news.version;
    this.session.push(news.entry, (fate) => {
      if (fate !== "refused" || this.session.ended) return;
      this.waiting = true;
      this.hold(news);
      this.session.whenRoom(() => this.release(0));
    });
  }
}
