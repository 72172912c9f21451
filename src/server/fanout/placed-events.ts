import type { LogPosition } from "../engine/ports/channel-log.js";
import type { PlacedMessages } from "../engine/ports/channel-topic.js";
import type { EventEntry } from "../event-entry.js";
import { channelMessagePieces, type EventPiece } from "../event-piece.js";

/** A message as an event, with what decides who gets it. */
export interface PlacedEvent {
  readonly place: LogPosition;
  readonly sender: string;
  readonly entry: EventEntry;
}

/** Messages of a channel that came together, as events, one behind the other without a gap. */
export class PlacedEvents {
  /** Those who have sent one of them. */
  readonly senders: ReadonlySet<string>;
  /** The place of the last one. */
  readonly end: LogPosition;
  private made: readonly PlacedEvent[] | undefined;

  constructor(
    /** The place of the first one. */
    readonly place: LogPosition,
    /** The sender of each of them. */
    private readonly senderOf: readonly string[],
    readonly piece: EventPiece,
  ) {
    this.senders = new Set(senderOf);
    this.end = { epoch: place.epoch, offset: place.offset + piece.count - 1 };
  }

  /** The events one by one. All who ask get the same ones. */
  get each(): readonly PlacedEvent[] {
    const { epoch, offset } = this.place;
    this.made ??= this.piece.entries.map((entry, index) => {
      return { place: { epoch, offset: offset + index }, sender: this.senderOf[index] as string, entry };
    });
    return this.made;
  }
}

/** Messages as events, in parts of at most so many bytes, unless it is one larger event. */
export function placedEvents({ place, messages }: PlacedMessages, maxBytes: number): readonly PlacedEvents[] {
  const senders = messages.map(({ sender }) => sender);
  let begin = 0;
  return channelMessagePieces(messages, place.offset, maxBytes).map((piece) => {
    const first = { epoch: place.epoch, offset: place.offset + begin };
    const own = senders.slice(begin, begin + piece.count);
    begin += piece.count;
    return new PlacedEvents(first, own, piece);
  });
}
