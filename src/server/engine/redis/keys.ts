import { userTopic } from "../ports/bus.js";
import { channelTopic } from "../ports/channel-topic.js";
import { type ChannelKey, fromKeyText, type UserKey } from "../ports/keys.js";

// Every key of one user, channel or node has the same tag, so it lies in one slot of a Redis Cluster. The tag of a user or a
// channel is its topic on the bus: a script can publish in its own slot.

export const userTag = (user: UserKey): string => userTopic(user).name;
export const channelTag = (channel: ChannelKey): string => channelTopic(channel).name;

export function fromUserTag(tag: string): UserKey {
  const [appId, userId] = fromKeyText(tag.slice("user/".length));
  return { appId, userId };
}

export function fromChannelTag(tag: string): ChannelKey {
  const [appId, channel] = fromKeyText(tag.slice("channel/".length));
  return { appId, channel };
}

export const nodeTag = (nodeId: string): string => `node/${nodeId}`;

/** A key, or with an empty name the shard channel, of a tag. */
export function keyOf(prefix: string, tag: string, name = ""): string {
  // An empty tag is none for a cluster.
  const whole = tag === "" || tag.startsWith("}") ? `\0${tag}` : tag;
  return name === "" ? `${prefix}{${whole}}` : `${prefix}{${whole}}:${name}`;
}
