import type { JoinChannelResponse } from "../../../gen/aldis/v1/channel.js";
import type { Position } from "../../../gen/aldis/v1/history.js";

/**
 * Knows the place up to which the application has a channel's messages, so that none comes twice and a rejoin goes on where
 * the application is. A hole in the offsets is no gap: own messages that a member does not get make holes, and the server
 * tells every gap in words.
 */
export class ChannelCursor {
  #epoch = "";
  #offset = 0;

  /** Absent before the first join. */
  get position(): Position | undefined {
    return this.#epoch === "" ? undefined : { epoch: this.#epoch, offset: this.#offset };
  }

  /** Forgets the place: the next join begins at the present. */
  reset(): void {
    this.#epoch = "";
    this.#offset = 0;
  }

  /** Takes the answer to a join that asked to recover from the present position, if there is one. */
  join({ position, recoveredMessages, gap }: JoinChannelResponse): void {
    if (position === undefined) return;
    const known = position.epoch === this.#epoch ? Math.max(this.#offset, gap?.lastOffset ?? 0) : 0;
    this.#epoch = position.epoch;
    this.#offset = recoveredMessages === 0 ? position.offset : known;
  }

  /** Takes the offset of a message that has come. False if the application has had the message. */
  arrive(offset: number): boolean {
    if (offset <= this.#offset) return false;
    this.#offset = offset;
    return true;
  }

  /** Takes the place of an own message that the member does not get: if nothing lies between, the application is there. */
  sent(position: Position | undefined): void {
    if (position?.epoch === this.#epoch && position.offset === this.#offset + 1) this.#offset = position.offset;
  }

  /** Takes the place at which the channel goes on behind a gap that the server tells. */
  skip(position: Position | undefined): void {
    if (position === undefined || (position.epoch === this.#epoch && position.offset <= this.#offset)) return;
    this.#epoch = position.epoch;
    this.#offset = position.offset;
  }
}
