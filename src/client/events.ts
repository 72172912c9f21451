import type { UserAttributesChanged } from "../../gen/aldis/v1/attribute.js";
import type { ConnectionReason, ConnectionState } from "../../gen/aldis/v1/connection.js";
import type { PeerMessage, Receipt } from "../../gen/aldis/v1/message.js";
import type { Presence } from "../../gen/aldis/v1/presence.js";
import type { Drain, SessionStart, TokenWillExpire } from "../../gen/aldis/v1/session.js";
import type { AldisError } from "./error.js";
import type { IncomingInvitation } from "./invitation/incoming-invitation.js";
import { fromPayload, type ReceivedPayload } from "./payload.js";

/** A message from a user. */
export interface ReceivedPeerMessage {
  readonly sender: string;
  readonly payload: ReceivedPayload;
  /** When the server took it, in milliseconds since 1970. */
  readonly serverTimeMs: number;
  /** The id that the server gave it. */
  readonly messageId: string;
  /** True if it was stored while this user was away. */
  readonly stored: boolean;
}

/** What a client tells. */
export interface ClientEvents {
  stateChanged: { readonly state: ConnectionState; readonly reason: ConnectionReason };
  /** While `RECONNECTING`: a try is planned. `tries` counts from 1 with each loss of the link. */
  comingBack: { readonly tries: number };
  /**
   * The server said welcome. Unless the session goes on (`RESUMED`), what belongs to a session begins anew: the client joins
   * its channels, subscribes to presence and watches attributes again by itself.
   */
  sessionStarted: { readonly start: SessionStart };
  peerMessage: ReceivedPeerMessage;
  /** A message of one's own was delivered later, or never will be. */
  receipt: Receipt;
  /** A subscribed user came or went, or did while there was no session. */
  presence: Presence;
  /** The attributes of a watched user changed. After a lost session the whole set comes. */
  userAttributesChanged: UserAttributesChanged;
  /** A user calls. Each invitation rings once. */
  invitation: IncomingInvitation;
  /** The token is about to expire, or has. With a function as token source the client renews it by itself. */
  tokenWillExpire: TokenWillExpire;
  /** The token has expired or could not be renewed. The application gives another one with `renewToken`. */
  tokenExpired: { readonly error: AldisError };
  /** The server will shut down. The client moves to another connection by itself. */
  drain: Drain;
}

/** What an application gets for the protocol's message. */
export function fromPeerMessage({ sender, payload, serverTimeMs, messageId, stored }: PeerMessage): ReceivedPeerMessage {
  return { sender, payload: fromPayload(payload), serverTimeMs, messageId, stored };
}
