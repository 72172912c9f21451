import { ChannelNotice } from "../../../../gen/aldis/node/v1/node.js";
import { encode } from "../../encode.js";
import { channelTopic, type LogPosition } from "../ports/channel-log.js";
import type { ChannelKey } from "../ports/keys.js";
import type { MemoryBus } from "./memory-bus.js";

/** Messages of a channel that have their places. */
export interface PlacedSegment {
  readonly channel: ChannelKey;
  /** The place of the first one. The others follow without a gap. */
  readonly place: LogPosition;
  /** The encoded aldis.node.v1.LogSegment. */
  readonly messages: Uint8Array;
}

/** Tells the members of a channel of its messages, within the caller's own step. */
export function publishSegment({ channel, place, messages }: PlacedSegment, bus: MemoryBus): void {
  const notice = { notice: { $case: "segment" as const, value: { ...place, messages } } };
  bus.publishNow(channelTopic(channel), encode(ChannelNotice, notice));
}
