import { MemberOrder, MembershipState } from "../../../../gen/aldis/v1/channel.js";
import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import type { Channel } from "../../channel/channel.js";
import { type AldisError, failure, messageOf } from "../../error.js";
import { AttributeView } from "./attribute-view.js";
import { toChannelAttributes } from "./channel-attributes.js";
import type { RtmContext } from "./context.js";
import { EventEmitter } from "./event-emitter.js";
import { payloadOf, type RtmMessage, type SendMessageOptions, toRtmMessage } from "./messages.js";
import type { RtmChannelEvents } from "./rtm-events.js";

/** The time in milliseconds for a join, a leave and a send. */
const TIMEOUT_MS = 10_000;
const MEMBERS_TIMEOUT_MS = 5_000;

/** A membership: what it listens to, until it ends. */
interface Membership {
  readonly channel: Channel;
  readonly view: AttributeView;
  readonly stop: () => void;
}

/** A channel, joined or not. `RtmClient.createChannel` makes it, any number for one id; one of them at a time can be joined. */
export class RtmChannel extends EventEmitter<RtmChannelEvents> {
  readonly channelId: string;
  readonly #context: RtmContext;
  #membership: Membership | undefined;

  constructor(context: RtmContext, channelId: string) {
    super();
    this.#context = context;
    this.channelId = channelId;
  }

  /** Joins. Rejects with a code of `JoinChannelError`. */
  join(): Promise<void> {
    return this.#context.call("RTM_JOIN_CHANNEL", TIMEOUT_MS, async (client, options) => {
      const channel = client.channel(this.channelId);
      if (channel.state !== MembershipState.NOT_JOINED) throw failure(ErrorCode.ALREADY_IN_CHANNEL, "Leave the channel first.");
      // A leave that took too long may have ended an earlier membership since.
      this.#membership?.stop();
      const membership = this.#listen(channel);
      this.#membership = membership;
      try {
        membership.view.begin((await channel.join({ ...options, includeAttributes: true })).attributes);
      } catch (thrown) {
        this.#end(membership);
        throw thrown;
      }
    });
  }

  /** Leaves. The channel can be joined again. Rejects with a code of `LeaveChannelError`. */
  leave(): Promise<void> {
    return this.#context.call("RTM_LEAVE_CHANNEL", TIMEOUT_MS, async (_, options) => {
      const membership = this.#joined();
      await membership.channel.leave(options);
      this.#end(membership);
    });
  }

  /** Sends a message to the other members. Resolves when the server has it. Rejects with a code of `ChannelMessageError`. */
  sendMessage(message: RtmMessage, _options?: SendMessageOptions): Promise<void> {
    return this.#context.call("RTM_CHANNEL_MESSAGE", TIMEOUT_MS, async (_, options) => {
      const { channel } = this.#joined();
      const payload = payloadOf(message);
      this.#context.sends.take();
      await channel.send(payload, options);
    });
  }

  /** Lists the members: random 512 of them if there are more. Rejects with a code of `GetMembersError`. */
  getMembers(): Promise<string[]> {
    return this.#context.call("RTM_GET_MEMBERS", MEMBERS_TIMEOUT_MS, async (_, options) => {
      return (await this.#joined().channel.members({ ...options, order: MemberOrder.RANDOM })).members;
    });
  }

  #joined(): Membership {
    if (this.#membership === undefined) throw failure(ErrorCode.NOT_IN_CHANNEL, "Join the channel first.");
    return this.#membership;
  }

  #end(membership: Membership): void {
    membership.stop();
    if (this.#membership === membership) this.#membership = undefined;
  }

  #listen(channel: Channel): Membership {
    const context = this.#context;
    const view = new AttributeView({
      read: () => channel.attributes.get(),
      tell: (set) => context.tell(this, "AttributesUpdated", toChannelAttributes(set)),
      onFailed: (thrown) => context.log.warn(`The attributes of channel "${channel.id}" could not be read.`, thrown),
    });
    const stops = [
      channel.on("message", ({ payload, sender, serverTimeMs }) => {
        const properties = { serverReceivedTs: serverTimeMs, isOfflineMessage: false };
        context.tell(this, "ChannelMessage", toRtmMessage(payload), sender, properties);
      }),
      channel.on("memberJoined", ({ userId }) => context.tell(this, "MemberJoined", userId)),
      channel.on("memberLeft", ({ userId }) => context.tell(this, "MemberLeft", userId)),
      channel.on("memberCount", ({ memberCount }) => context.tell(this, "MemberCountUpdated", memberCount)),
      channel.on("attributesChanged", (change) => view.take(change)),
      channel.on("rejoined", () => view.reset()),
      channel.on("gap", () => context.log.warn(`Messages of channel "${channel.id}" are missing and will not come.`)),
      channel.on("left", ({ error }) => this.#onLeft(membership, error)),
    ];
    const membership = { channel, view, stop: () => stops.forEach((stop) => void stop()) };
    return membership;
  }

  #onLeft(membership: Membership, error: AldisError | undefined): void {
    this.#end(membership);
    this.#context.log.info(`Channel "${this.channelId}" was left. ${error === undefined ? "" : messageOf(error)}`);
  }
}
