import type { JoinChannelResponse } from "../../../gen/aldis/v1/channel.js";
import type { Gap, Position } from "../../../gen/aldis/v1/history.js";

/** What the offset of a message says. */
export interface Arrival {
  /** True if the application has had the message. */
  readonly seen: boolean;
  /** What is missing before it. */
  readonly gap: Gap | undefined;
}

/** The most own messages that are remembered ahead of the position. Beyond it a gap may be told that is none. */
const MOST_OWN_AHEAD = 1_000;

/**
 * Knows the place up to which the application has a channel's messages, so that none comes twice and none is missing
 * silently. A member who does not get its own messages sees holes where they are; those are no gaps.
 */
export class ChannelCursor {
  #epoch = "";
  #offset = 0;
  /** The newest place when the channel was joined. What is missing before it was told in the answer. */
  #head = 0;
  #receivesOwn = false;
  /** The offsets of own messages ahead of the position. */
  readonly #own = new Set<number>();
  #sendsInFlight = 0;
  #sendsOfUnknownOutcome = 0;

  /** Absent before the first join. */
  get position(): Position | undefined {
    return this.#epoch === "" ? undefined : { epoch: this.#epoch, offset: this.#offset };
  }

  /** Forgets the place: the next join begins at the present. */
  reset(): void {
    this.#move({ epoch: "", offset: 0 });
    this.#head = 0;
  }

  /** Takes the answer to a join that asked to recover from the present position, if there is one. */
  join({ position, recoveredMessages, gap }: JoinChannelResponse, receivesOwn: boolean): void {
    const head = position ?? { epoch: "", offset: 0 };
    const known = head.epoch === this.#epoch ? Math.max(this.#offset, gap?.lastOffset ?? 0) : 0;
    this.#receivesOwn = receivesOwn;
    this.#sendsOfUnknownOutcome = 0;
    this.#move({ epoch: head.epoch, offset: recoveredMessages === 0 ? head.offset : known });
    this.#head = head.offset;
  }

  /** Takes the offset of a message that has come. */
  arrive(offset: number): Arrival {
    if (offset <= this.#offset) return { seen: true, gap: undefined };
    const first = Math.max(this.#offset, this.#head) + 1;
    const own = [...this.#own].filter((place) => place >= first && place < offset).length;
    const explained = this.#receivesOwn ? 0 : own + this.#sendsInFlight + this.#sendsOfUnknownOutcome;
    this.#advance(offset);
    return { seen: false, gap: offset - first > explained ? { firstOffset: first, lastOffset: offset - 1 } : undefined };
  }

  /** Takes the place at which the channel goes on behind a gap that the server tells. */
  skip(position: Position | undefined): void {
    if (position === undefined) return;
    if (position.epoch !== this.#epoch) this.#move(position);
    else if (position.offset > this.#offset) this.#advance(position.offset);
  }

  /** Notes that an own message is under way. */
  send(): void {
    this.#sendsInFlight += 1;
  }

  /** Notes what became of it: its place, "none" if it has none, "unknown" if nobody knows. */
  sent(outcome: Position | "none" | "unknown"): void {
    this.#sendsInFlight -= 1;
    if (outcome === "unknown") this.#sendsOfUnknownOutcome += 1;
    else if (outcome !== "none") this.#placeOwn(outcome);
  }

  #placeOwn({ epoch, offset }: Position): void {
    if (this.#receivesOwn || epoch !== this.#epoch || offset <= this.#offset) return;
    if (this.#own.size < MOST_OWN_AHEAD) this.#own.add(offset);
    this.#takeOwn();
  }

  #move({ epoch, offset }: Position): void {
    this.#epoch = epoch;
    this.#offset = offset;
    this.#head = 0;
    this.#own.clear();
  }

  #advance(offset: number): void {
    this.#offset = offset;
    for (const own of this.#own) if (own <= offset) this.#own.delete(own);
    this.#takeOwn();
  }

  /** Goes over own messages that follow the position directly. */
  #takeOwn(): void {
    while (this.#own.delete(this.#offset + 1)) this.#offset += 1;
  }
}
