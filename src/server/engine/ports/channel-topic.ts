import { ChannelNotice } from "../../../../gen/aldis/node/v1/node.js";
import { LogSegment, type StoredMessage } from "../../../../gen/aldis/node/v1/segment.js";
import { type Decoded, decodeStrict } from "../../../../gen/aldis/v1/tables/wire.js";
import type { LogPosition } from "./channel-log.js";
import { type ChannelKey, channelText } from "./keys.js";
import type { Topic, TopicKind } from "./topic.js";

type Notice = NonNullable<ChannelNotice["notice"]>;

/** Messages to a channel that have their places. */
export interface PlacedMessages {
  /** The place of the first one. The others follow without a gap. */
  readonly place: LogPosition;
  readonly messages: readonly StoredMessage[];
}

/** What the members of a channel hear of it. */
export type ChannelNews =
  | { readonly $case: "messages"; readonly value: PlacedMessages }
  | Exclude<Notice, { $case: "publication" | "segment" }>;

/** How news of a channel travel to other processes. */
export const channelKind: TopicKind<ChannelNews> = {
  encode: (news) => ChannelNotice.encode({ notice: noticeOf(news) }).finish(),
  decode(bytes) {
    const decoded = decodeStrict(ChannelNotice, bytes);
    return decoded.ok ? newsOf(decoded.value.notice) : decoded;
  },
};

/** The topic on which a channel's members hear of it. */
export function channelTopic(channel: ChannelKey): Topic<ChannelNews> {
  return { name: `channel/${channelText(channel)}`, kind: channelKind };
}

function noticeOf(news: ChannelNews): Notice {
  if (news.$case !== "messages") return news;
  const { place, messages } = news.value;
  const segment = LogSegment.encode({ messages: [...messages] }).finish();
  return { $case: "segment", value: { ...place, messages: segment } };
}

function newsOf(notice: ChannelNotice["notice"]): Decoded<ChannelNews | undefined> {
  switch (notice?.$case) {
    case "publication": {
      const { epoch, offset, sender, message } = notice.value;
      return { ok: true, value: { $case: "messages", value: { place: { epoch, offset }, messages: [{ sender, message }] } } };
    }
    case "segment": {
      const { epoch, offset, messages } = notice.value;
      const decoded = decodeStrict(LogSegment, messages);
      if (!decoded.ok) return decoded;
      return { ok: true, value: { $case: "messages", value: { place: { epoch, offset }, messages: decoded.value.messages } } };
    }
    default:
      return { ok: true, value: notice };
  }
}
