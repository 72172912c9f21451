import { WatchedEventKind } from "../../../gen/aldis/v1/admin_service.js";
import {
  type JoinChannelRequest,
  type JoinChannelResponse,
  JoinInclude,
  LeaveReason,
  Recovery,
} from "../../../gen/aldis/v1/channel.js";
import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { type Limits, limitTable } from "../../../gen/aldis/v1/tables/limits.js";
import type { Engine } from "../engine/engine.js";
import type { MemberNotice } from "../engine/ports/channel-directory.js";
import type { LogRange } from "../engine/ports/channel-log.js";
import { type ChannelNews, channelTopic } from "../engine/ports/channel-topic.js";
import type { ChannelKey } from "../engine/ports/keys.js";
import { eventEntry } from "../event-entry.js";
import type { Admittance } from "./admittance.js";
import { attributeSet } from "./attribute/attribute-set.js";
import type { ChannelLife } from "./attribute/channel-life.js";
import type { Handlers, SessionContext } from "./call-context.js";
import type { Capacity } from "./capacity.js";
import type { Claim } from "./claim.js";
import { gapAfter } from "./gap.js";
import type { Happenings } from "./happenings.js";
import { JoinOrder } from "./join-order.js";
import type { ChannelRooms, LiveSession, Membership } from "./live-session.js";
import { refuseOutside } from "./member.js";
import { type Refusal, refuse, refuseOver } from "./refusal.js";
import { refuseToJoin } from "./rights.js";
import type { Unfinished } from "./unfinished.js";

export interface ChannelServices {
  readonly engine: Engine;
  readonly rooms: ChannelRooms;
  readonly life: Pick<ChannelLife, "joined" | "emptied">;
  readonly admittance: Pick<Admittance, "refuseBanned">;
  readonly capacity: Pick<Capacity, "refuseChannel">;
  readonly happenings: Pick<Happenings, "tell">;
  readonly nodeId: string;
  readonly limits: Limits;
  readonly unfinished: Pick<Unfinished, "run">;
  /** Hears of a failure of the engine that no call can be told of. */
  readonly report: (failure: unknown) => void;
}

/**
 * Joining and leaving, and what becomes of a session's channels when it is away, back or over. Joins, leaves and sends of a
 * session to one channel take effect in the order in which they were called.
 */
export class Channels {
  readonly handlers: Pick<Handlers, "joinChannel" | "leaveChannel"> = {
    joinChannel: (context, request) => {
      const number = this.order.call();
      return context.session.inOrder(laneOf(request.channel), () => this.join(context, request, number));
    },
    leaveChannel: ({ session }, { channel }) => session.inOrder(laneOf(channel), () => this.leave(session, channel)),
  };

  /** The sessions that others see as gone from their channels. */
  private readonly departed = new WeakSet<LiveSession>();
  private readonly order = new JoinOrder();

  constructor(private readonly services: ChannelServices) {}

  /** Shows others that a session is gone from its channels; the session goes on hearing them, in case it comes back. */
  async depart(session: LiveSession, reason: LeaveReason): Promise<void> {
    this.departed.add(session);
    await forEachChannel(session, (channel) => this.leaveInTheEnd(session, channel, reason));
  }

  /** Undoes `depart`. */
  async comeBack(session: LiveSession): Promise<void> {
    this.departed.delete(session);
    await forEachChannel(session, (channel) =>
      this.inTheEnd(session, channel, async (tries) => {
        if (this.isGone(session, channel)) return;
        const { joined } = await this.announceJoin(session, channel);
        if (!joined && tries > 1) await this.tell(channel, membersMissed);
      }),
    );
  }

  /** Takes a session out of all its channels for good. */
  async end(session: LiveSession, reason: LeaveReason): Promise<void> {
    const departed = this.depart(session, reason);
    for (const membership of session.memberships.values()) this.services.rooms.exit(membership);
    session.memberships.clear();
    await departed;
  }

  /** Takes a session out of a channel by the will of an operator, and tells its client. False if it was not in it. */
  remove(session: LiveSession, channel: string, reason: LeaveReason): Promise<boolean> {
    return session.inOrder(laneOf(channel), async () => {
      const membership = session.memberships.get(channel);
      if (membership === undefined) return false;
      this.takeOut(session, membership, reason);
      await this.leaveInTheEnd(session, membership.channel, reason);
      return true;
    });
  }

  private async join(
    context: SessionContext,
    request: JoinChannelRequest,
    number: number,
  ): Promise<JoinChannelResponse | Refusal> {
    const { session, user } = context;
    const channel = { appId: user.appId, channel: request.channel };
    const refusal = refuseToJoin(context.rights, request.channel) ?? (await this.refuseJoin(session, request));
    if (refusal !== undefined) return refusal;

    const membership = await this.services.rooms.enter(session, channel, { receiveOwn: request.receiveOwnMessages });
    const late = this.enlist(session, membership, request, number);
    if (late !== undefined) {
      this.services.rooms.exit(membership);
      return late;
    }
    const settled = await this.settle(session, channel, membership, request);
    if (settled === undefined) return refuseOvertaken(session);
    const { range, joined, included } = settled;
    context.afterAnswer(() => membership.open(range.head, range.records));
    const hidden = request.receiveOwnMessages ? undefined : user.userId;
    return { position: range.head, memberCount: joined.count, ...included, ...recoveryOf(request, range, hidden) };
  }

  /** What the answer to a join carries where it is asked for. */
  private async include(channel: ChannelKey, wanted: readonly JoinInclude[]) {
    const choice = { order: "latest", limit: this.services.limits.memberListUsers } as const;
    const members = wanted.includes(JoinInclude.MEMBERS)
      ? (await this.services.engine.channels.members(channel, choice)).users
      : [];
    if (!wanted.includes(JoinInclude.ATTRIBUTES)) return { members, attributes: undefined };
    return { members, attributes: attributeSet(await this.services.engine.attributes.read({ kind: "channel", key: channel })) };
  }

  /** Gives the session its membership, in one step with what that depends on: joins of other channels run side by side. */
  private enlist(
    session: LiveSession,
    membership: Membership,
    { exclusive }: JoinChannelRequest,
    number: number,
  ): Refusal | undefined {
    if (session.ended || this.order.isOvertaken(session, number)) return refuseOvertaken(session);
    // Not awaited: two exclusive joins would wait for each other's channels.
    if (exclusive) this.switchAway(session, number).catch(this.services.report);
    else if (session.memberships.size >= this.services.limits.channelsPerSession) {
      return refuseOver(
        ErrorCode.TOO_MANY_CHANNELS,
        this.services.limits,
        "channelsPerSession",
        "the session is in too many channels",
      );
    }
    session.memberships.set(membership.channel.channel, membership);
    this.order.made(membership, number);
    return undefined;
  }

  /**
   * Takes a session out of the channels that it has joined before an exclusive join, by the order of the calls, and tells its client,
   * who may have given up waiting for the answer to the join.
   */
  private async switchAway(session: LiveSession, number: number): Promise<void> {
    const reason = LeaveReason.SWITCHED;
    const left = this.order.switch(session, number);
    for (const membership of left) this.takeOut(session, membership, reason);
    const leave = ({ channel }: Membership) =>
      session.inOrder(laneOf(channel.channel), () => this.leaveInTheEnd(session, channel, reason));
    await Promise.all(left.map(leave));
  }

  /** Makes the membership known; if the engine fails half way, nothing of it stays. */
  private async settle(session: LiveSession, channel: ChannelKey, membership: Membership, request: JoinChannelRequest) {
    try {
      const range = await this.recover(channel, request);
      if (session.memberships.get(channel.channel) !== membership) return undefined;
      const joined = await this.announceJoin(session, channel);
      return { range, joined, included: await this.include(channel, request.include) };
    } catch (failure) {
      this.forget(session, membership);
      this.leaveInTheEnd(session, channel, LeaveReason.LEFT).catch(this.services.report);
      throw failure;
    }
  }

  private async refuseJoin(session: LiveSession, { channel }: JoinChannelRequest): Promise<Refusal | undefined> {
    if (session.memberships.has(channel)) {
      return refuse(ErrorCode.ALREADY_IN_CHANNEL, `the session is in channel "${channel}"`, { field: "channel" });
    }
    // A channel that is open costs nothing more.
    const isOpen = this.services.rooms.settings({ appId: session.user.appId, channel }) !== undefined;
    const full = isOpen ? undefined : this.services.capacity.refuseChannel(session.user.appId);
    if (full !== undefined) return full;
    const key = `join/${session.id}/${channel}`;
    const retryAfterMs = await this.services.engine.rates.take(
      key,
      this.services.limits.sameChannelJoins,
      limitTable.sameChannelJoins.windowMs,
    );
    if (retryAfterMs === 0) return this.services.admittance.refuseBanned(session.user, channel);
    const message = "the session joins the same channel too often";
    return refuseOver(ErrorCode.SAME_CHANNEL_TOO_OFTEN, this.services.limits, "sameChannelJoins", message, { retryAfterMs });
  }

  /** What the session missed since its last place. Without one it begins at the head. */
  private async recover(channel: ChannelKey, { recoverFrom }: JoinChannelRequest): Promise<LogRange> {
    if (recoverFrom === undefined)
      return { records: [], head: await this.services.engine.log.head(channel), more: false, gap: false };
    return this.services.engine.log.read(channel, recoverFrom, { limit: this.services.limits.channelHistoryMessages });
  }

  private async leave(session: LiveSession, channel: string) {
    const membership = session.memberships.get(channel);
    if (membership === undefined) return refuseOutside(channel);
    this.forget(session, membership);
    await this.leaveInTheEnd(session, membership.channel, LeaveReason.LEFT);
    return {};
  }

  /** Takes a session out of a channel that it has not left itself, and tells its client. */
  private takeOut(session: LiveSession, membership: Membership, reason: LeaveReason): void {
    const { channel } = membership.channel;
    session.push(eventEntry({ $case: "channelLeft", value: { channel, reason } }, "departure"));
    this.forget(session, membership);
  }

  private forget(session: LiveSession, membership: Membership): void {
    this.services.rooms.exit(membership);
    session.memberships.delete(membership.channel.channel);
  }

  private async announceJoin(session: LiveSession, channel: ChannelKey) {
    const { userId } = session.user;
    const { engine, nodeId, unfinished, happenings, life } = this.services;
    const member = { userId, nodeId, epoch: session.epoch };
    const notice = this.noticeOf({ $case: "memberJoined", value: { channel: channel.channel, userId } });
    const joined = await engine.channels.join(channel, member, notice);
    if (!joined.joined) return joined;
    happenings.tell(WatchedEventKind.JOIN, session.user, channel.channel);
    await unfinished.run(() => life.joined(channel, joined.count));
    return joined;
  }

  /**
   * Takes a user out of a channel in the directory, and tells the others. False if the user is no member, or is one by a newer
   * session.
   */
  async announceLeave({ user, epoch }: Claim, channel: ChannelKey, reason: LeaveReason): Promise<boolean> {
    const { engine, unfinished, happenings, life } = this.services;
    const { userId } = user;
    const notice = this.noticeOf({ $case: "memberLeft", value: { channel: channel.channel, userId, reason } });
    const { left, count } = await engine.channels.leave(channel, userId, epoch, notice);
    if (!left) return false;
    happenings.tell(WatchedEventKind.LEAVE, user, channel.channel);
    if (count === 0) await unfinished.run(() => life.emptied(channel));
    return true;
  }

  /** Shows others that a session is gone from a channel, unless it is back when that can be done. */
  private leaveInTheEnd(session: LiveSession, channel: ChannelKey, reason: LeaveReason): Promise<void> {
    return this.inTheEnd(session, channel, async (tries) => {
      if (!this.isGone(session, channel)) return;
      const left = await this.announceLeave(session, channel, reason);
      if (!left && tries > 1) await this.tell(channel, membersMissed);
    });
  }

  /**
   * Does something about a session's channel, in the order of the session's calls about it. If the engine cannot serve now it is
   * done later; a try that failed may have had its effect all the same, and its notice may be lost with the fault of the engine.
   */
  private async inTheEnd(session: LiveSession, channel: ChannelKey, task: (tries: number) => Promise<void>): Promise<void> {
    let tries = 0;
    await this.services.unfinished.run(() => {
      tries += 1;
      // The first try is made within the session's call, or behind it.
      return tries === 1 ? task(1) : session.inOrder(laneOf(channel.channel), () => task(tries));
    });
  }

  /** True if others are to see a session outside of a channel. */
  private isGone(session: LiveSession, { channel }: ChannelKey): boolean {
    return session.ended || this.departed.has(session) || !session.memberships.has(channel);
  }

  private noticeOf(single: ChannelNews): MemberNotice {
    return { single, most: this.services.limits.memberNotices, many: membersChanged };
  }

  private tell(channel: ChannelKey, news: ChannelNews): Promise<void> {
    return this.services.unfinished.run(() => this.services.engine.bus.publish(channelTopic(channel), news));
  }
}

/** The notice where nobody is told of single members. */
const membersChanged: ChannelNews = { $case: "membersChanged", value: { missed: false } };

/** The notice where single members may have come or gone without a word. */
const membersMissed: ChannelNews = { $case: "membersChanged", value: { missed: true } };

/** Does something for each channel of a session, behind the session's earlier calls about that channel. */
async function forEachChannel(session: LiveSession, task: (channel: ChannelKey) => Promise<unknown>): Promise<void> {
  const channels = [...session.memberships.values()].map((membership) => membership.channel);
  await Promise.all(channels.map((channel) => session.inOrder(laneOf(channel.channel), () => task(channel))));
}

/** The lane of all calls of a session about one channel. */
export function laneOf(channel: string): string {
  return `channel/${channel}`;
}

/** The refusal of a join whose session has lost the channel again before the join was done. */
function refuseOvertaken(session: LiveSession): Refusal {
  if (session.ended) return refuse(ErrorCode.NOT_LOGGED_IN, "the session ended during the join");
  return refuse(ErrorCode.CANCELED, "an exclusive join of another channel came in between");
}

/** What became of the wish to recover. Messages of `hidden`, the user itself who does not get its own, do not follow. */
function recoveryOf({ recoverFrom }: JoinChannelRequest, range: LogRange, hidden: string | undefined) {
  if (recoverFrom === undefined) return { recovery: Recovery.UNSPECIFIED, recoveredMessages: 0, gap: undefined };
  const gap = gapAfter(recoverFrom, range);
  const recoveredMessages = range.records.filter(({ sender }) => sender !== hidden).length;
  return { recovery: gap === undefined ? Recovery.COMPLETE : Recovery.GAP, recoveredMessages, gap };
}
