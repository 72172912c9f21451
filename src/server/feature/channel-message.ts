import type { SendChannelMessageRequest, SendChannelMessageResponse } from "../../../gen/aldis/v1/channel.js";
import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { ChannelMessage } from "../../../gen/aldis/v1/history.js";
import { type Limits, limitTable } from "../../../gen/aldis/v1/tables/limits.js";
import type { Engine } from "../engine/engine.js";
import type { LogRecord } from "../engine/ports/channel-log.js";
import { keyText } from "../engine/ports/keys.js";
import { type Runtime, randomId } from "../runtime.js";
import type { ChannelAttributes } from "./attribute/channel-attributes.js";
import type { Handlers, SessionContext } from "./call-context.js";
import { laneOf } from "./channel.js";
import { gapAfter } from "./gap.js";
import type { ChannelRooms } from "./live-session.js";
import { refuseOutside } from "./member.js";
import { refuseOver } from "./refusal.js";
import { countOnce } from "./retry.js";
import { refuseToSend } from "./rights.js";

type MessageOperations = "sendChannelMessage" | "getChannelHistory";

/** Messages to channels: the log gives each its place, and the bus takes it to the nodes that have members. */
export function channelMessageHandlers(
  engine: Engine,
  rooms: ChannelRooms,
  attributes: ChannelAttributes,
  runtime: Runtime,
  limits: Limits,
): Pick<Handlers, MessageOperations> {
  async function refuseSend({ session, user, rights }: SessionContext, request: SendChannelMessageRequest) {
    const refusal = refuseToSend(rights, request.channel, request.fromOutside);
    if (refusal !== undefined) return refusal;
    if (!request.fromOutside && !session.memberships.has(request.channel)) return refuseOutside(request.channel);
    const channel = { appId: user.appId, channel: request.channel };
    const { sends } = rooms.settings(channel) ?? (await attributes.settings(channel));
    const key = `channel/${keyText(user.appId, request.channel)}`;
    const retryAfterMs = await engine.rates.take(key, sends, limitTable.oneChannelSends.windowMs);
    if (retryAfterMs === 0) return undefined;
    const message = "all senders of the channel together send too often";
    const inForce = { ...limits, oneChannelSends: sends };
    return refuseOver(ErrorCode.CHANNEL_RATE_LIMITED, inForce, "oneChannelSends", message, { retryAfterMs });
  }

  async function append({ user }: SessionContext, request: SendChannelMessageRequest): Promise<SendChannelMessageResponse> {
    const serverTimeMs = runtime.clock.now();
    const { channel, payload } = request;
    const message = ChannelMessage.encode({ channel, sender: user.userId, payload, serverTimeMs, offset: 0 }).finish();
    const position = await engine.log.append({ appId: user.appId, channel }, { sender: user.userId, message });
    return { position, serverTimeMs, messageId: randomId(runtime, 96) };
  }

  return {
    sendChannelMessage: (context, request) =>
      context.session.inOrder(laneOf(request.channel), () =>
        countOnce(engine.retries, context.user, laneOf(request.channel), request.clientMessageId, async () => {
          return (await refuseSend(context, request)) ?? append(context, request);
        }),
      ),

    async getChannelHistory({ session, user }, { channel, from, backward, maxMessages }) {
      if (!session.memberships.has(channel)) return refuseOutside(channel);
      const limit = Math.min(maxMessages || limits.channelHistoryMessages, limits.channelHistoryMessages);
      const range = await engine.log.read({ appId: user.appId, channel }, from, { backward, limit });
      const page = fitting(range.records, limits.replayBytes);
      const messages = page.map(({ message, offset }) => ({ ...ChannelMessage.decode(message), offset }));
      const gap = from === undefined || backward ? undefined : gapAfter(from, range);
      return { messages, head: range.head, more: range.more || page.length < range.records.length, gap };
    },
  };
}

/** The first records that fit into one answer; at least one, if there is any. */
function fitting(records: readonly LogRecord[], maxBytes: number): readonly LogRecord[] {
  let bytes = 0;
  const over = records.findIndex(({ message }, i) => {
    bytes += message.length;
    return i > 0 && bytes > maxBytes;
  });
  return over === -1 ? records : records.slice(0, over);
}
