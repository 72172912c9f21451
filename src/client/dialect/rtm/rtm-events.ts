// The events by their emitter, as functions: their parameters are what listeners get.
import type { ChannelAttributes } from "./channel-attributes.js";
import type { LocalInvitationEvents, RemoteInvitationEvents } from "./invitation-events.js";
import type { LocalInvitation } from "./local-invitation.js";
import type { ReceivedMessageProperties, RtmMessage } from "./messages.js";
import type { PeersOnlineStatusMap } from "./peers.js";
import type { RemoteInvitation } from "./remote-invitation.js";
import type { ConnectionChangeReason, ConnectionState } from "./status-code.js";

/** What an `RtmClient` tells. */
export interface RtmClientEvents {
  /** A message from a user, live or stored. */
  MessageFromPeer(message: RtmMessage, peerId: string, properties: ReceivedMessageProperties): void;
  /** `RECONNECTING` is told only if the link is not back within 4 seconds. */
  ConnectionStateChanged(newState: ConnectionState, reason: ConnectionChangeReason): void;
  /** A user calls. */
  RemoteInvitationReceived(invitation: RemoteInvitation): void;
  /** The token has expired, or a reconnect was refused because of it. Told once for a token. */
  TokenExpired(): void;
  /** The token expires in 30 seconds. */
  TokenPrivilegeWillExpire(): void;
  /** Subscribed peers came or went. Comes right after subscribing, too. */
  PeersOnlineStatusChanged(status: PeersOnlineStatusMap): void;
  /** Never told: there is no proxy of the vendor's. */
  FallbackProxyConnected(): void;
}

/** What an `RtmChannel` tells. */
export interface RtmChannelEvents {
  /** A message of another member. */
  ChannelMessage(message: RtmMessage, memberId: string, properties: ReceivedMessageProperties): void;
  /** Another user joined. Not told above 512 members. */
  MemberJoined(memberId: string): void;
  /** Another member left, or was away for 30 seconds. Not told above 512 members. */
  MemberLeft(memberId: string): void;
  /** After an own join, and on changes: at most once a second, above 512 members once in 3 seconds. */
  MemberCountUpdated(memberCount: number): void;
  /** Somebody wrote attributes and asked for members to be told. All attributes, also for the writer. */
  AttributesUpdated(attributes: ChannelAttributes): void;
}

type WithInvitation<Events, Invitation> = {
  [Name in keyof Events]: Events[Name] extends (...args: infer Arguments) => void
    ? (invitation: Invitation, ...args: Arguments) => void
    : never;
};

/** What an `RtmCallManager` tells: the events of all invitations, each with its invitation first. */
export type RtmCallManagerEvents = WithInvitation<LocalInvitationEvents, LocalInvitation> &
  WithInvitation<RemoteInvitationEvents, RemoteInvitation> & {
    RemoteInvitationReceived(invitation: RemoteInvitation): void;
  };

export type { LocalInvitationEvents, RemoteInvitationEvents } from "./invitation-events.js";
