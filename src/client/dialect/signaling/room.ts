import { type AttributeChange, AttributeChangeKind, type AttributeSet } from "../../../../gen/aldis/v1/attribute.js";
import { LeaveReason, MembershipState } from "../../../../gen/aldis/v1/channel.js";
import { dialectCode } from "../../../../gen/aldis/v1/tables/dialects.js";
import type { Channel, JoinResult } from "../../channel/channel.js";
import type { AldisClient } from "../../client.js";
import { messageOf } from "../../error.js";
import { codeOf } from "../shared/codes.js";
import type { Told } from "./callbacks.js";
import { LATEST_MEMBERS } from "./operations.js";
import type { Teller } from "./teller.js";

/** The one channel of a user. Joining another one leaves it. */
export class Room {
  readonly #client: AldisClient;
  readonly #teller: Teller;
  /** Those that were joined, and so are listened to. */
  readonly #known = new Set<Channel>();
  /** The joins and leaves that are not done: one at a time, in order. */
  readonly #waiting: (() => Promise<void>)[] = [];
  /** The channel whose join is under way. */
  #joining: Channel | undefined;
  #isOver = false;

  constructor(client: AldisClient, teller: Teller) {
    this.#client = client;
    this.#teller = teller;
  }

  join(channelID: string): void {
    this.#inTurn(() => this.#join(this.#client.channel(channelID)));
  }

  leave(channelID: string): void {
    this.#inTurn(() =>
      this.#teller.follow((options) => this.#client.channel(channelID).leave(options), {
        done: () => [["onChannelLeaved", channelID, leaveCode(LeaveReason.LEFT)]],
        failed: (thrown) => [["onChannelLeaved", channelID, codeOf("SIGNALING_LEAVE", thrown)]],
      }),
    );
  }

  /** The user is logged out, and so is out of the channel. */
  end(ecode: number): void {
    for (const channel of this.#known) {
      if (this.#isIn(channel)) this.#teller.tell(["onChannelLeaved", channel.id, ecode]);
    }
    this.#isOver = true;
  }

  async #join(channel: Channel): Promise<void> {
    const { id } = channel;
    if (this.#isIn(channel)) {
      this.#teller.tell(["onChannelJoined", id]);
      return;
    }
    this.#listen(channel);
    this.#joining = channel;
    const how = { exclusive: true, receiveOwnMessages: true, includeMembers: true, includeAttributes: true };
    await this.#teller.follow((options) => channel.join({ ...options, ...how }), {
      done: (result) => joined(id, result),
      failed: (thrown) => [["onChannelJoinFailed", id, codeOf("SIGNALING_JOIN", thrown)]],
    });
    this.#joining = undefined;
  }

  /** True for the channel of the user, also while the client joins it again after a lost session. */
  #isIn(channel: Channel): boolean {
    const { state } = channel;
    return state === MembershipState.JOINED || (state === MembershipState.JOINING && channel !== this.#joining);
  }

  #listen(channel: Channel): void {
    if (this.#known.has(channel)) return;
    this.#known.add(channel);
    const { id } = channel;
    const tell = (...told: readonly Told[]): void => {
      if (!this.#isOver) this.#teller.tell(...told);
    };
    channel.on("message", ({ sender, payload: { text } }) => {
      if (text === undefined) this.#teller.log(`A message of bytes in "${id}" was left out: this interface has texts only.`);
      else tell(["onMessageChannelReceive", id, sender, 0, text]);
    });
    channel.on("memberJoined", ({ userId }) => tell(["onChannelUserJoined", userId, 0]));
    channel.on("memberLeft", ({ userId }) => tell(["onChannelUserLeaved", userId, 0]));
    channel.on("attributesChanged", (change) => tell(...changed(id, change)));
    channel.on("left", ({ reason }) => tell(["onChannelLeaved", id, leaveCode(reason)]));
    // Notices of users are missing.
    channel.on("membersChanged", () => this.#tellUsers(channel));
    channel.on("rejoined", () => this.#tellUsers(channel));
    channel.on("gap", ({ firstOffset, lastOffset }) =>
      this.#teller.log(`Messages ${firstOffset} to ${lastOffset} of "${id}" are missing and will not come.`),
    );
  }

  #tellUsers(channel: Channel): void {
    void this.#teller.follow((options) => channel.members({ ...options, max: LATEST_MEMBERS }), {
      done: ({ members }) => [userList(members)],
      failed: (thrown) => [["onLog", `The users of "${channel.id}" could not be read: ${messageOf(thrown)}`]],
    });
  }

  /** The first of them begins at once. */
  #inTurn(task: () => Promise<void>): void {
    this.#waiting.push(task);
    if (this.#waiting.length === 1) void this.#runWaiting();
  }

  async #runWaiting(): Promise<void> {
    for (let task = this.#waiting[0]; task !== undefined; task = this.#waiting[0]) {
      await task();
      this.#waiting.shift();
    }
  }
}

function leaveCode(reason: LeaveReason): number {
  return dialectCode("SIGNALING_LEAVE", "LeaveReason", reason);
}

function joined(id: string, { members, attributes }: JoinResult): readonly Told[] {
  return [["onChannelJoined", id], userList(members), ...updates(id, attributes?.attributes ?? new Map())];
}

function userList(members: readonly string[]): Told {
  const accounts = members.slice(0, LATEST_MEMBERS);
  return ["onChannelUserList", accounts, accounts.map(() => 0)];
}

function changed(id: string, change: AttributeChange): readonly Told[] {
  const { kind, deletedKeys } = change;
  if (kind === AttributeChangeKind.CLEAR) return [["onChannelAttrUpdated", id, "", "", "clear"]];
  const deletions = deletedKeys.map((name): Told => ["onChannelAttrUpdated", id, name, "", "del"]);
  return kind === AttributeChangeKind.DELETE ? deletions : [...updates(id, written(change)), ...deletions];
}

/** Those that the change wrote, also where the writer asked for the whole set to be told. */
function written({ kind, attributes, wholeSet, serverTimeMs }: AttributeChange): AttributeSet["attributes"] {
  if (!wholeSet || kind === AttributeChangeKind.SET) return attributes;
  return new Map([...attributes].filter(([, { lastUpdateMs }]) => lastUpdateMs === serverTimeMs));
}

function updates(id: string, attributes: AttributeSet["attributes"]): readonly Told[] {
  return [...attributes].map(([name, { value }]): Told => ["onChannelAttrUpdated", id, name, value, "update"]);
}
