import { ChannelNotice } from "../../../gen/aldis/node/v1/node.js";
import { encode } from "../encode.js";
import type { Bus } from "../engine/ports/bus.js";
import { channelTopic } from "../engine/ports/channel-log.js";
import type { ChannelKey } from "../engine/ports/keys.js";

/** Tells all nodes that have members of a channel. */
export function tellChannel(bus: Bus, channel: ChannelKey, notice: NonNullable<ChannelNotice["notice"]>): Promise<void> {
  return bus.publish(channelTopic(channel), encode(ChannelNotice, { notice }));
}
