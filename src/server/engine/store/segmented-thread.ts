import { LogSegment } from "../../../../gen/aldis/node/v1/segment.js";
import { encode } from "../../encode.js";
import type { LogPosition, NewRecord } from "../ports/channel-log.js";
import type { PlacedMessages } from "../ports/channel-topic.js";
import { type ChannelKey, channelText } from "../ports/keys.js";
import { segmentMax } from "../shared/segment-max.js";
import { type BatchAnswer, isAppend, type StoreAnswer, type StoreCall } from "./calls.js";
import type { StoreThread } from "./group-commit.js";
import type { NewSegment } from "./tables/channel-log-table.js";

/** Where the answer to a call is: which one it is, and how far behind the first message of the segment. */
interface Place {
  readonly answer: number;
  readonly behind: number;
}

/**
 * A thread to which the messages of a batch that go to one channel go as one segment: they share a copy from thread to thread, a row,
 * a checksum, an answer and a publication. Segments are told, in the order of the offsets, before any call is answered.
 */
export class SegmentedThread implements StoreThread {
  constructor(
    private readonly thread: StoreThread,
    private readonly onStored: (channel: ChannelKey, messages: PlacedMessages) => void,
  ) {}

  async run(batch: readonly StoreCall[]): Promise<BatchAnswer> {
    const { segments, calls, places } = inSegments(batch);
    const answer = await this.thread.run(calls);
    for (const { channel, messages, index } of segments) {
      const stored = answer.answers[index];
      if (stored?.ok) this.onStored(channel, { messages, place: stored.value as LogPosition });
    }
    return { ...answer, answers: places.map((place) => answerAt(place, answer.answers)) };
  }

  close(): Promise<void> {
    return this.thread.close();
  }
}

/** Messages to one channel, one behind the other. */
class Draft {
  private readonly records: NewRecord[] = [];
  private bytes = 0;

  constructor(
    private readonly first: StoreCall,
    readonly channel: ChannelKey,
    /** Which call of its batch it becomes. */
    readonly index: number,
  ) {}

  takes({ message }: NewRecord): boolean {
    return this.records.length < segmentMax.messages && this.bytes + message.length <= segmentMax.bytes;
  }

  add(record: NewRecord): Place {
    this.bytes += record.message.length;
    return { answer: this.index, behind: this.records.push(record) - 1 };
  }

  /** The segment, and the call that stores it. */
  finish() {
    const { channel, index, first, records } = this;
    const segment: NewSegment = { count: records.length, messages: encode(LogSegment, { messages: records }) };
    return { channel, index, messages: records, call: { ...first, args: [channel, segment] } };
  }
}

function inSegments(batch: readonly StoreCall[]) {
  const calls: StoreCall[] = [];
  const drafts: Draft[] = [];
  /** Those that take more, by their channels. */
  const open = new Map<string, Draft>();
  const places = batch.map((call): Place => {
    if (!isAppend(call)) {
      // What reads a log, or forgets it, finds what came before it, and not what comes behind it.
      if (call.port === "log") open.delete(channelText(call.args[0] as ChannelKey));
      return { answer: calls.push(call) - 1, behind: 0 };
    }
    const [channel, record] = call.args as readonly [ChannelKey, NewRecord];
    const key = channelText(channel);
    let draft = open.get(key);
    if (draft === undefined || !draft.takes(record)) {
      draft = new Draft(call, channel, calls.push(call) - 1);
      drafts.push(draft);
      open.set(key, draft);
    }
    return draft.add(record);
  });
  const segments = drafts.map((draft) => draft.finish());
  for (const { index, call } of segments) calls[index] = call;
  return { segments, calls, places };
}

function answerAt({ answer, behind }: Place, answers: readonly StoreAnswer[]): StoreAnswer {
  const found = answers[answer];
  if (found === undefined) throw new Error("the store has left a call without an answer");
  if (!found.ok || behind === 0) return found;
  const { epoch, offset } = found.value as LogPosition;
  return { ok: true, value: { epoch, offset: offset + behind } };
}
