import type { SendChannelMessageRequest, SendChannelMessageResponse } from "../../../gen/aldis/v1/channel.js";
import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { ChannelMessage } from "../../../gen/aldis/v1/history.js";
import { type Limits, limitTable } from "../../../gen/aldis/v1/tables/limits.js";
import type { Engine } from "../engine/engine.js";
import { type LogRecord, RateExceeded } from "../engine/ports/channel-log.js";
import { keyText } from "../engine/ports/keys.js";
import { type Runtime, randomId } from "../runtime.js";
import { Slab } from "../slab.js";
import type { ChannelAttributes } from "./attribute/channel-attributes.js";
import type { CallContext, Handlers } from "./call-context.js";
import { laneOf } from "./channel.js";
import { gapAfter } from "./gap.js";
import type { ChannelRooms } from "./live-session.js";
import { refuseOutside } from "./member.js";
import { type Refusal, refuseOver } from "./refusal.js";
import { countOnce } from "./retry.js";
import { refuseToSend } from "./rights.js";
import type { TraceRecorder } from "./trace.js";

/** The handlers of messages to channels. A send from outside needs no session. */
export interface ChannelMessageHandlers extends Required<Pick<Handlers, "getChannelHistory">> {
  sendChannelMessage(context: CallContext, request: SendChannelMessageRequest): Promise<SendChannelMessageResponse | Refusal>;
}

/** Messages to channels: the log gives each its place, and the bus takes it to the nodes that have members. */
export function channelMessageHandlers(
  engine: Engine,
  rooms: ChannelRooms,
  attributes: ChannelAttributes,
  trace: TraceRecorder,
  runtime: Runtime,
  limits: Limits,
): ChannelMessageHandlers {
  /** For messages until the log has copied them. */
  const slab = new Slab();

  function refuseRate(oneChannelSends: number, retryAfterMs: number) {
    const message = "all senders of the channel together send too often";
    const inForce = { ...limits, oneChannelSends };
    return refuseOver(ErrorCode.CHANNEL_RATE_LIMITED, inForce, "oneChannelSends", message, { retryAfterMs });
  }

  async function send(
    context: CallContext,
    request: SendChannelMessageRequest,
    begun: () => void,
  ): Promise<SendChannelMessageResponse | Refusal> {
    const refusal = refuseSender(context, request);
    if (refusal !== undefined) return refusal;
    const { appId, userId } = context.user;
    const { channel, payload, clientMessageId } = request;
    const key = { appId, channel };
    const settings = rooms.settings(key) ?? (await attributes.settings(key));
    const sends = settings.sends ?? limits.oneChannelSends;
    const serverTimeMs = runtime.clock.now();
    const message = slab.encode(ChannelMessage, { channel, sender: userId, payload, serverTimeMs, offset: 0 });
    const once = clientMessageId === "" ? undefined : keyText(userId, clientMessageId);
    const rate = { limit: sends, windowMs: limitTable.oneChannelSends.windowMs };
    const appended = engine.log.append(key, { sender: userId, message, once }, rate);
    // The log takes messages in the order of the calls, so the next one need not wait until this one is on disk.
    begun();
    try {
      const position = await appended;
      const messageId = randomId(runtime, 96);
      trace.notePlaced({ appId, id: messageId, userId, channel, offset: position.offset, serverTimeMs });
      return { position, serverTimeMs, messageId };
    } catch (failure) {
      if (failure instanceof RateExceeded) return refuseRate(sends, failure.retryAfterMs);
      throw failure;
    }
  }

  return {
    sendChannelMessage(context, request) {
      const lane = laneOf(request.channel);
      const sendOnce = (begun: () => void) =>
        countOnce(engine.retries, context.user, lane, request.clientMessageId, () => send(context, request, begun));
      return context.session === undefined ? sendOnce(() => {}) : context.session.overlapping(lane, sendOnce);
    },

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

function refuseSender({ session, rights }: CallContext, { channel, fromOutside }: SendChannelMessageRequest) {
  const refusal = refuseToSend(rights, channel, fromOutside);
  if (refusal !== undefined || fromOutside || session?.memberships.has(channel)) return refusal;
  return refuseOutside(channel);
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
