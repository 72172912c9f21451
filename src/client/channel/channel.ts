import type { AttributeSet } from "../../../gen/aldis/v1/attribute.js";
import type {
  ListMembersResponse,
  MemberOrder,
  MembershipState,
  SendChannelMessageResponse,
} from "../../../gen/aldis/v1/channel.js";
import type { Gap, Position } from "../../../gen/aldis/v1/history.js";
import { ChannelAttributes } from "../attribute/channel-attributes.js";
import type { Caller } from "../caller.js";
import type { Emitter, Listener } from "../emitter.js";
import type { CallOptions } from "../options.js";
import { type PayloadInput, toPayload } from "../payload.js";
import type { Runtime } from "../runtime.js";
import type { ChannelCursor } from "./cursor.js";
import { type ChannelEvents, fromChannelMessage, type ReceivedChannelMessage } from "./events.js";
import type { ChannelMember, JoinOptions } from "./member.js";

/** What a join finds. */
export interface JoinResult {
  /** The newest place of the channel. Messages begin behind it. */
  readonly position: Position | undefined;
  /** The number of members, oneself included. */
  readonly memberCount: number;
  /** The latest members, the newest first. Empty unless asked for. */
  readonly members: readonly string[];
  /** The attributes of the channel. Undefined unless asked for. */
  readonly attributes: AttributeSet | undefined;
}

/** How to send a message to a channel. */
export interface SendToChannelOptions extends CallOptions {
  /** True to send without being a member. Needs a right in the token. Default: false. */
  readonly fromOutside?: boolean;
}

/** Which members to list. */
export interface MemberListOptions extends CallOptions {
  /** Which members, if not all fit. Default: the latest. */
  readonly order?: MemberOrder;
  /** The most members. Default: the most that the server lists. */
  readonly max?: number;
}

/** Which part of a channel's history to read. */
export interface HistoryOptions extends CallOptions {
  /** Where to begin, without the message at this place. Default: the old end, or the new end when reading backward. */
  readonly from?: Position;
  /** True to read towards older messages. Default: false. */
  readonly backward?: boolean;
  /** The most messages. Default: the most that the server answers. */
  readonly max?: number;
}

/** A page of a channel's history. */
export interface HistoryPage {
  /** The messages, in the order asked for. */
  readonly messages: readonly ReceivedChannelMessage[];
  /** The newest place of the channel. */
  readonly head: Position | undefined;
  /** True if more messages follow in the same direction. */
  readonly more: boolean;
  /** What is missing before the first message. Absent for nothing. */
  readonly gap: Gap | undefined;
}

export interface ChannelParts {
  readonly id: string;
  readonly userId: string;
  readonly caller: Caller;
  readonly runtime: Runtime;
  readonly emitter: Emitter<ChannelEvents>;
  readonly cursor: ChannelCursor;
  readonly member: ChannelMember;
}

/** A channel, joined or not. After a lost session the client joins it again by itself, from where the application is. */
export class Channel {
  /** What is attached to the channel for everybody to read. A member or not may write it. */
  readonly attributes: ChannelAttributes;
  readonly #parts: ChannelParts;

  constructor(parts: ChannelParts) {
    this.#parts = parts;
    this.attributes = new ChannelAttributes(parts.id, parts.caller);
  }

  /** The id of the channel. */
  get id(): string {
    return this.#parts.id;
  }

  get state(): MembershipState {
    return this.#parts.member.state;
  }

  /** The place up to which the application has the channel's messages. Undefined before the first join. */
  get position(): Position | undefined {
    return this.#parts.cursor.position;
  }

  /** Adds a listener and returns what removes it. Messages may come before the promise of a join is resolved. */
  on<K extends keyof ChannelEvents>(name: K, listener: Listener<ChannelEvents[K]>): () => void {
    return this.#parts.emitter.on(name, listener);
  }

  /** Joins. Rejects with an `AldisError`, for example `ALREADY_IN_CHANNEL` or `TOO_MANY_CHANNELS`. */
  async join(options: JoinOptions = {}): Promise<JoinResult> {
    const { position, memberCount, members, attributes } = await this.#parts.member.join(options);
    return { position, memberCount, members, attributes };
  }

  /** Leaves. No event of the channel follows. Rejects with `NOT_IN_CHANNEL` if the channel is not joined. */
  leave(options: CallOptions = {}): Promise<void> {
    return this.#parts.member.leave(options);
  }

  /** Sends a message to all members. Resolves when the server has it and its place is final. A message counts once. */
  async send(
    payload: PayloadInput,
    { fromOutside, ...options }: SendToChannelOptions = {},
  ): Promise<SendChannelMessageResponse> {
    const { id, caller, runtime, cursor, member } = this.#parts;
    const request = { channel: id, payload: toPayload(payload), clientMessageId: runtime.randomId(), fromOutside };
    const response = await caller.call("sendChannelMessage", request, options);
    if (!member.receivesOwn) cursor.sent(response.position);
    return response;
  }

  /** Lists members. Only a member may ask. */
  members({ order, max, ...options }: MemberListOptions = {}): Promise<ListMembersResponse> {
    return this.#parts.caller.call("listMembers", { channel: this.id, order, maxMembers: max }, options);
  }

  /** Reads what the channel remembers. Only a member may ask. */
  async history({ from, backward, max, ...options }: HistoryOptions = {}): Promise<HistoryPage> {
    const request = { channel: this.id, from, backward, maxMessages: max };
    const { messages, head, more, gap } = await this.#parts.caller.call("getChannelHistory", request, options);
    return { messages: messages.map((message) => fromChannelMessage(message, this.#parts.userId)), head, more, gap };
  }
}
