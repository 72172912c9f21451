import type { ChannelLog, LogPosition } from "../engine/ports/channel-log.js";
import type { PlacedMessages } from "../engine/ports/channel-topic.js";
import type { ChannelKey } from "../engine/ports/keys.js";
import type { Unfinished } from "../feature/unfinished.js";

/** The most messages that are held while missing ones are fetched; what comes above is fetched as well. */
const heldMax = 1000;

/** How many records are fetched at a time. */
const pageRecords = 500;

/** What takes the messages of a channel in order. */
export interface SequenceReader {
  onMessages(messages: PlacedMessages): void;
  /** Messages up to a place cannot be had: the log has forgotten them, or is another one. */
  onHole(place: LogPosition): void;
}

/**
 * The messages of a channel in the order of the log, once for all members of the node. What the bus has lost is fetched from the
 * log, in front of what comes meanwhile: `channel-order`, `no-silent-loss`. What cannot be fetched is a hole for the members.
 */
export class Sequence {
  /** Everything up to here was handed on. Undefined until the first place is known. */
  private place: LogPosition | undefined;
  /** What came while missing messages are fetched. Undefined while none are. */
  private held: PlacedMessages[] | undefined;
  /** True if there is more to fetch than was known when the fetch began. */
  private more = false;

  constructor(
    private readonly channel: ChannelKey,
    private readonly log: Pick<ChannelLog, "head" | "read">,
    private readonly reader: SequenceReader,
    /** Does what the engine cannot do now later. */
    private readonly unfinished: Pick<Unfinished, "run">,
    private readonly report: (failure: unknown) => void,
  ) {}

  /** Reads the first place. What has come meanwhile has set a later one. */
  async begin(): Promise<void> {
    const head = await this.log.head(this.channel);
    this.place ??= head;
  }

  /** Takes messages, as the channel's topic brings them. */
  take(messages: PlacedMessages): void {
    if (this.held !== undefined) return this.hold(this.held, messages);
    const fresh = this.freshOf(messages);
    if (fresh === undefined) return;
    if (this.isNext(fresh.place)) this.hand(fresh);
    else this.fetch([fresh]);
  }

  /** Looks whether the log has gone on: messages may have been lost. */
  look(): void {
    if (this.place === undefined) return;
    if (this.held === undefined) this.fetch([]);
    else this.more = true;
  }

  /** Hears the log's newest place. */
  onHead({ epoch, offset }: LogPosition): void {
    const { place } = this;
    if (place !== undefined && (place.epoch !== epoch || place.offset < offset)) this.look();
  }

  private hold(held: PlacedMessages[], placed: PlacedMessages): void {
    const room = heldMax - held.reduce((count, { messages: each }) => count + each.length, 0);
    const { place, messages } = placed;
    if (room > 0) held.push({ place, messages: messages.slice(0, room) });
    if (messages.length > room) this.more = true;
  }

  private hand(messages: PlacedMessages): void {
    const { epoch, offset } = messages.place;
    this.place = { epoch, offset: offset + messages.messages.length - 1 };
    this.reader.onMessages(messages);
  }

  private fetch(held: PlacedMessages[]): void {
    this.held = held;
    // What is missing stays so, and what comes is held, for as long as the engine cannot be read.
    this.unfinished
      .run(() => this.fetchAll(held))
      .catch((failure) => {
        this.report(failure);
        this.release(held);
      });
  }

  private async fetchAll(held: readonly PlacedMessages[]): Promise<void> {
    do {
      this.more = false;
      await this.fetchPage();
    } while (this.more);
    this.release(held);
  }

  private release(held: readonly PlacedMessages[]): void {
    this.held = undefined;
    for (const messages of held) {
      const fresh = this.freshOf(messages);
      if (fresh !== undefined) this.hand(fresh);
    }
  }

  private async fetchPage(): Promise<void> {
    const { place } = this;
    const { records, head, more, gap } = await this.log.read(this.channel, place, { limit: pageRecords });
    const [first] = records;
    if (gap) this.leap({ epoch: head.epoch, offset: (first?.offset ?? head.offset + 1) - 1 });
    if (first !== undefined) this.hand({ place: { epoch: head.epoch, offset: first.offset }, messages: records });
    if (more && records.length > 0) this.more = true;
  }

  private leap(place: LogPosition): void {
    this.place = place;
    this.reader.onHole(place);
  }

  /** True if nothing is missing in front of a place. */
  private isNext({ epoch, offset }: LogPosition): boolean {
    return this.place === undefined || epoch !== this.place.epoch || offset === this.place.offset + 1;
  }

  /** Those of the messages that were not handed on. Undefined if all were. */
  private freshOf(placed: PlacedMessages): PlacedMessages | undefined {
    const { place: first, messages } = placed;
    const known = this.place?.epoch === first.epoch ? Math.max(0, this.place.offset - first.offset + 1) : 0;
    if (known >= messages.length) return undefined;
    return known === 0 ? placed : { place: { ...first, offset: first.offset + known }, messages: messages.slice(known) };
  }
}
