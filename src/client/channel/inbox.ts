import { type ChannelGap, MembershipState } from "../../../gen/aldis/v1/channel.js";
import type { ChannelMessage } from "../../../gen/aldis/v1/history.js";
import type { Event } from "../../../gen/aldis/v1/stream.js";
import type { ChannelParts } from "./channel.js";
import { fromChannelMessage } from "./events.js";

/** An event of a channel. */
export type ChannelEvent = Extract<
  NonNullable<Event["event"]>,
  {
    $case:
      | "channelMessage"
      | "memberJoined"
      | "memberLeft"
      | "memberCount"
      | "channelAttributes"
      | "channelLeft"
      | "channelGap";
  }
>;

/** Takes an event of the channel: tells each message once, and each gap. Only a member is told anything. */
export function takeChannelEvent(event: ChannelEvent, channel: ChannelParts): void {
  const { emitter, member } = channel;
  if (member.state !== MembershipState.JOINED) return;
  switch (event.$case) {
    case "channelMessage":
      takeMessage(event.value, channel);
      break;
    case "memberJoined":
      emitter.emit("memberJoined", { userId: event.value.userId });
      break;
    case "memberLeft":
      emitter.emit("memberLeft", { userId: event.value.userId, reason: event.value.reason });
      break;
    case "memberCount":
      emitter.emit("memberCount", { memberCount: event.value.memberCount });
      break;
    case "channelAttributes":
      if (event.value.change !== undefined) emitter.emit("attributesChanged", event.value.change);
      break;
    case "channelLeft":
      member.remove(event.value.reason);
      break;
    case "channelGap":
      takeGap(event.value, channel);
      break;
  }
}

function takeMessage(message: ChannelMessage, { emitter, cursor, userId }: ChannelParts): void {
  if (cursor.arrive(message.offset)) emitter.emit("message", fromChannelMessage(message, userId));
}

function takeGap(event: ChannelGap, { emitter, cursor }: ChannelParts): void {
  if (event.gap !== undefined) {
    cursor.skip(event.position);
    emitter.emit("gap", event.gap);
  }
  if (event.membersChanged) emitter.emit("membersChanged", {});
}
