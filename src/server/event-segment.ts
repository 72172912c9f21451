import type { EventPiece } from "./event-piece.js";

/** Messages of a channel that are queued and sent together. All sessions that get just these share it. */
export class EventSegment {
  readonly traffic = "channel";
  /** How many events it is. */
  readonly count: number = 0;
  /** The bytes of all its events. */
  readonly size: number = 0;

  constructor(readonly pieces: readonly EventPiece[]) {
    for (const { count, bytes } of pieces) {
      this.count += count;
      this.size += bytes.length;
    }
  }

  /** What is left behind its first events. */
  after(events: number): EventSegment {
    const pieces: EventPiece[] = [];
    let left = events;
    for (const piece of this.pieces) {
      if (left <= 0) pieces.push(piece);
      else if (left < piece.count) pieces.push(piece.after(left));
      left -= piece.count;
    }
    return new EventSegment(pieces);
  }
}
