import type { EventEntry } from "../../src/server/event-entry.js";
import { EventPiece } from "../../src/server/event-piece.js";
import { EventSegment } from "../../src/server/event-segment.js";

/** A piece of encoded events. */
export function pieceOf(events: readonly Uint8Array[]): EventPiece {
  let end = 0;
  const ends = events.map(({ length }) => {
    end += length;
    return end;
  });
  return new EventPiece(Buffer.concat(events), ends);
}

/** A segment of pieces, each of the encoded events that are given. */
export function segmentOf(...pieces: readonly (readonly Uint8Array[])[]): EventSegment {
  return new EventSegment(pieces.map(pieceOf));
}

/** The events of pieces one by one. */
export function entriesOf(pieces: readonly EventPiece[]): readonly EventEntry[] {
  return pieces.flatMap(({ entries }) => entries);
}
