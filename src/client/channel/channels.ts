import { LeaveReason, MembershipState } from "../../../gen/aldis/v1/channel.js";
import { ConnectionReason } from "../../../gen/aldis/v1/connection.js";
import type { Caller } from "../caller.js";
import type { Connection } from "../connection/connection.js";
import { Emitter } from "../emitter.js";
import type { Logger } from "../logger.js";
import type { Runtime } from "../runtime.js";
import { Channel, type ChannelParts } from "./channel.js";
import { ChannelCursor } from "./cursor.js";
import type { ChannelEvents } from "./events.js";
import { type ChannelEvent, takeChannelEvent } from "./inbox.js";
import { ChannelMember } from "./member.js";

export interface ChannelsOptions {
  readonly userId: string;
  readonly connection: Connection;
  readonly caller: Caller;
  readonly runtime: Runtime;
  readonly logger: Logger;
  readonly callTimeoutMs: number;
}

interface KnownChannel {
  readonly channel: Channel;
  readonly parts: ChannelParts;
}

/** Why the other members see the session leave, by what ended it. The others are `CONNECTION_LOST`. */
const leaveReasons = new Map<ConnectionReason, LeaveReason>([
  [ConnectionReason.LOGOUT, LeaveReason.LOGGED_OUT],
  [ConnectionReason.REMOTE_LOGIN, LeaveReason.REMOTE_LOGIN],
  [ConnectionReason.TOKEN_EXPIRED, LeaveReason.TOKEN_EXPIRED],
  [ConnectionReason.BANNED_BY_SERVER, LeaveReason.BANNED],
]);

/** The channels that the application has asked for, one object for each. They stay as long as the client. */
export class Channels {
  readonly #options: ChannelsOptions;
  readonly #known = new Map<string, KnownChannel>();

  constructor(options: ChannelsOptions) {
    this.#options = options;
  }

  /** The channel with this id: the same object each time. */
  get(id: string): Channel {
    const known = this.#known.get(id) ?? this.#create(id);
    this.#known.set(id, known);
    return known.channel;
  }

  /** Takes an event. One of a channel that nobody asked for tells nobody anything. */
  take(event: ChannelEvent): void {
    const known = this.#known.get(event.value.channel);
    if (known !== undefined) takeChannelEvent(event, known.parts);
  }

  /** The session is gone and a new one took its place. */
  sessionLost(): void {
    // A listener may begin joins of its own, which belong to the new session.
    const lost = [...this.#known.values()].filter(({ channel }) => channel.state !== MembershipState.NOT_JOINED);
    for (const { parts } of lost) parts.member.sessionLost();
  }

  /** The connection has ended for good. */
  end(reason: ConnectionReason): void {
    const leaveReason = leaveReasons.get(reason) ?? LeaveReason.CONNECTION_LOST;
    for (const { parts } of this.#known.values()) parts.member.remove(leaveReason);
  }

  #create(id: string): KnownChannel {
    const { userId, connection, caller, runtime, logger, callTimeoutMs } = this.#options;
    const emitter = new Emitter<ChannelEvents>(logger);
    const cursor = new ChannelCursor();
    const leaveOthers = (): (() => void) => this.#othersThan(id);
    const member = new ChannelMember({ channel: id, runtime, connection, emitter, cursor, callTimeoutMs, leaveOthers });
    const parts = { id, userId, caller, runtime, emitter, cursor, member };
    return { channel: new Channel(parts), parts };
  }

  #othersThan(id: string): () => void {
    const others = [...this.#known.values()].filter(({ parts }) => parts.id !== id);
    const removals = others.map(({ parts }) => parts.member.switchedAway());
    return () => {
      for (const remove of removals) remove();
    };
  }
}
