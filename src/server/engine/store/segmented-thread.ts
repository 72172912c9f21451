import { LogSegment } from "../../../../gen/aldis/node/v1/segment.js";
import { encode } from "../../encode.js";
import type { LogPosition, NewRecord } from "../ports/channel-log.js";
import { type ChannelKey, keyText } from "../ports/keys.js";
import type { BatchAnswer, StoreAnswer, StoreCall } from "./calls.js";
import type { StoreThread } from "./group-commit.js";
import type { NewSegment } from "./tables/channel-log-table.js";

/** The most messages and bytes of a segment, since whoever reads one message reads all of its segment. A larger message is alone. */
const [maxMessages, maxBytes] = [512, 65_536];

/** Where the answer to a call is: which one it is, and how far behind the first message of the segment. */
interface Place {
  readonly answer: number;
  readonly behind: number;
}

/**
 * A thread to which the messages of a batch that go to one channel go as one segment: they share a copy from thread to thread, a row,
 * a checksum and an answer.
 */
export class SegmentedThread implements StoreThread {
  constructor(private readonly thread: StoreThread) {}

  async run(batch: readonly StoreCall[]): Promise<BatchAnswer> {
    const { calls, places } = inSegments(batch);
    const answer = await this.thread.run(calls);
    return { ...answer, answers: places.map((place) => answerAt(place, answer.answers)) };
  }

  close(): Promise<void> {
    return this.thread.close();
  }
}

/** Messages to one channel, one behind the other. */
class Draft {
  private readonly messages: NewRecord[] = [];
  private bytes = 0;

  constructor(
    private readonly first: StoreCall,
    private readonly answer: number,
  ) {}

  takes({ message }: NewRecord): boolean {
    return this.messages.length < maxMessages && this.bytes + message.length <= maxBytes;
  }

  add(record: NewRecord): Place {
    this.bytes += record.message.length;
    return { answer: this.answer, behind: this.messages.push(record) - 1 };
  }

  get call(): StoreCall {
    const [channel] = this.first.args;
    const segment: NewSegment = { count: this.messages.length, messages: encode(LogSegment, { messages: this.messages }) };
    return { ...this.first, args: [channel, segment] };
  }
}

function inSegments(batch: readonly StoreCall[]): { calls: readonly StoreCall[]; places: readonly Place[] } {
  const calls: { readonly call: StoreCall }[] = [];
  const drafts = new Map<string, Draft>();
  const places = batch.map((call): Place => {
    if (call.port !== "log") return { answer: calls.push({ call }) - 1, behind: 0 };
    const [channel, record] = call.args as readonly [ChannelKey, NewRecord];
    const key = keyText(channel.appId, channel.channel);
    let draft = drafts.get(key);
    // What reads the log or forgets it sees what came before it, and not what comes behind it.
    if (call.method !== "append") {
      drafts.delete(key);
      return { answer: calls.push({ call }) - 1, behind: 0 };
    }
    if (draft === undefined || !draft.takes(record)) {
      draft = new Draft(call, calls.length);
      calls.push(draft);
      drafts.set(key, draft);
    }
    return draft.add(record);
  });
  return { calls: calls.map(({ call }) => call), places };
}

function answerAt({ answer, behind }: Place, answers: readonly StoreAnswer[]): StoreAnswer {
  const found = answers[answer];
  if (found === undefined) throw new Error("the store has left a call without an answer");
  if (!found.ok || behind === 0) return found;
  const { epoch, offset } = found.value as LogPosition;
  return { ok: true, value: { epoch, offset: offset + behind } };
}
