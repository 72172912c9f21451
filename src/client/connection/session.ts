import { Ack, Resume, SessionStart, type Welcome } from "../../../gen/aldis/v1/session.js";

/** What a welcome means for the session that the client had. */
export interface SessionBeginning {
  readonly start: SessionStart;
  /** The calls of the session that the server has received: 0 unless it goes on. */
  readonly callsReceived: number;
}

/**
 * The client's side of a session: its names, and what has been received and sent in it. Both sides count events, results and
 * calls; none of them carries a number.
 */
export class Session {
  #id = "";
  #resumeToken = "";
  #events = 0;
  #results = 0;
  #calls = 0;
  // Entries at the beginning of a stream that were received on an earlier one.
  #repeatedEvents = 0;
  #repeatedResults = 0;

  /** Empty if there is no session. */
  get id(): string {
    return this.#id;
  }

  /** What a `Hello` says of the session to go on with. */
  resume(): Resume | undefined {
    if (this.#id === "") return undefined;
    return Resume.create({
      sessionId: this.#id,
      resumeToken: this.#resumeToken,
      eventsReceived: this.#events,
      resultsReceived: this.#results,
    });
  }

  /** What the application has received. */
  ack(): Ack {
    return Ack.create({ events: this.#events, results: this.#results });
  }

  /**
   * Takes a welcome. A server that counts more as received than the client did would leave something out; its session is not
   * to be trusted, and the answer is undefined.
   */
  begin(welcome: Welcome): SessionBeginning | undefined {
    const resumed = welcome.start === SessionStart.RESUMED;
    if (!resumed) this.end();
    this.#repeatedEvents = this.#events - welcome.eventsAcknowledged;
    this.#repeatedResults = this.#results - welcome.resultsAcknowledged;
    if (this.#repeatedEvents < 0 || this.#repeatedResults < 0) {
      this.end();
      return undefined;
    }
    this.#id = welcome.sessionId;
    this.#resumeToken = welcome.resumeToken;
    this.#calls = resumed ? welcome.callsReceived : 0;
    return { start: welcome.start, callsReceived: this.#calls };
  }

  /** Forgets the session. */
  end(): void {
    this.#id = "";
    this.#resumeToken = "";
    this.#events = 0;
    this.#results = 0;
    this.#calls = 0;
    this.#repeatedEvents = 0;
    this.#repeatedResults = 0;
  }

  /** Counts a call that is being sent. Returns its place among the calls of the session, from 1. */
  countCall(): number {
    this.#calls += 1;
    return this.#calls;
  }

  /** Takes the next event of the stream: tells it, unless it was received on an earlier stream, and counts it then. */
  takeEvent(tell: () => void): void {
    if (this.#repeatedEvents > 0) {
      this.#repeatedEvents -= 1;
      return;
    }
    tell();
    this.#events += 1;
  }

  /** The same for the next result. */
  takeResult(tell: () => void): void {
    if (this.#repeatedResults > 0) {
      this.#repeatedResults -= 1;
      return;
    }
    tell();
    this.#results += 1;
  }
}
