import type { ChannelPublication } from "../../../gen/aldis/node/v1/node.js";
import type { ChannelLog, LogPosition } from "../engine/ports/channel-log.js";
import type { ChannelKey } from "../engine/ports/keys.js";
import type { Unfinished } from "../feature/unfinished.js";

/** The most publications that are held while missing ones are fetched; what comes above is fetched as well. */
const heldMax = 1000;

/** How many records are fetched at a time. */
const pageRecords = 500;

/** What takes the messages of a channel in order. */
export interface SequenceReader {
  onMessage(place: LogPosition, sender: string, message: Uint8Array): void;
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
  private held: ChannelPublication[] | undefined;
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

  /** Takes a publication, as the channel's topic brings it. The hot path: once a node for each message. */
  take(publication: ChannelPublication): void {
    const { epoch, offset } = publication;
    const { place, held } = this;
    if (held !== undefined) return this.hold(held, publication);
    if (place !== undefined && place.epoch === epoch && offset !== place.offset + 1) {
      if (offset <= place.offset) return;
      this.fetch([publication]);
    } else this.hand(publication);
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

  private hold(held: ChannelPublication[], publication: ChannelPublication): void {
    if (held.length < heldMax) held.push(publication);
    else this.more = true;
  }

  private hand({ epoch, offset, sender, message }: ChannelPublication): void {
    this.place = { epoch, offset };
    this.reader.onMessage(this.place, sender, message);
  }

  private fetch(held: ChannelPublication[]): void {
    this.held = held;
    // What is missing stays so, and what comes is held, for as long as the engine cannot be read.
    this.unfinished
      .run(() => this.fetchAll(held))
      .catch((failure) => {
        this.report(failure);
        this.release(held);
      });
  }

  private async fetchAll(held: readonly ChannelPublication[]): Promise<void> {
    do {
      this.more = false;
      await this.fetchPage();
    } while (this.more);
    this.release(held);
  }

  private release(held: readonly ChannelPublication[]): void {
    this.held = undefined;
    for (const publication of held) if (this.isNew(publication)) this.hand(publication);
  }

  private async fetchPage(): Promise<void> {
    const { place } = this;
    const { records, head, more, gap } = await this.log.read(this.channel, place, { limit: pageRecords });
    const [first] = records;
    if (gap) this.leap({ epoch: head.epoch, offset: (first?.offset ?? head.offset + 1) - 1 });
    for (const { offset, sender, message } of records) this.hand({ epoch: head.epoch, offset, sender, message });
    if (more && records.length > 0) this.more = true;
  }

  private leap(place: LogPosition): void {
    this.place = place;
    this.reader.onHole(place);
  }

  private isNew({ epoch, offset }: ChannelPublication): boolean {
    return this.place === undefined || epoch !== this.place.epoch || offset > this.place.offset;
  }
}
