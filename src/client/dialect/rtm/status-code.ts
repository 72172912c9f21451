// States and reasons as the Web SDK has them: strings equal to their names. The numbers are in status-numbers.ts.

/** An enum whose values are the names themselves. */
function namesOf<Name extends string>(...names: readonly Name[]): { readonly [N in Name]: N } {
  return Object.freeze(Object.fromEntries(names.map((name) => [name, name]))) as { readonly [N in Name]: N };
}

/** How the client is connected. */
export const ConnectionState = namesOf("DISCONNECTED", "CONNECTING", "CONNECTED", "RECONNECTING", "ABORTED");
export type ConnectionState = keyof typeof ConnectionState;

/** Why the connection state changed. */
export const ConnectionChangeReason = namesOf(
  "LOGIN",
  "LOGIN_SUCCESS",
  "LOGIN_FAILURE",
  "LOGIN_TIMEOUT",
  "INTERRUPTED",
  "LOGOUT",
  "BANNED_BY_SERVER",
  "REMOTE_LOGIN",
  "TOKEN_EXPIRED",
);
export type ConnectionChangeReason = keyof typeof ConnectionChangeReason;

/** What a caller's invitation shows. */
export const LocalInvitationState = namesOf(
  "IDLE",
  "SENT_TO_REMOTE",
  "RECEIVED_BY_REMOTE",
  "ACCEPTED_BY_REMOTE",
  "REFUSED_BY_REMOTE",
  "CANCELED",
  "FAILURE",
);
export type LocalInvitationState = keyof typeof LocalInvitationState;

/** What a callee's invitation shows. */
export const RemoteInvitationState = namesOf(
  "INVITATION_RECEIVED",
  "ACCEPT_SENT_TO_LOCAL",
  "REFUSED",
  "ACCEPTED",
  "CANCELED",
  "FAILURE",
);
export type RemoteInvitationState = keyof typeof RemoteInvitationState;

/** Why an invitation failed, for its caller. */
export const LocalInvitationFailureReason = namesOf(
  "UNKNOWN",
  "PEER_OFFLINE",
  "PEER_NO_RESPONSE",
  "INVITATION_EXPIRE",
  "NOT_LOGGEDIN",
);
export type LocalInvitationFailureReason = keyof typeof LocalInvitationFailureReason;

/** Why an invitation failed, for its callee. */
export const RemoteInvitationFailureReason = namesOf("UNKNOWN", "PEER_OFFLINE", "ACCEPT_FAILURE", "INVITATION_EXPIRE");
export type RemoteInvitationFailureReason = keyof typeof RemoteInvitationFailureReason;

/** What a message carries. `IMAGE` and `FILE` are kept names: nothing sends them. */
export const MessageType = namesOf("TEXT", "RAW", "IMAGE", "FILE");
export type MessageType = keyof typeof MessageType;

/** How a subscribed peer is. `UNREACHABLE` has been silent for 6 seconds. */
export const PeerOnlineState = namesOf("ONLINE", "UNREACHABLE", "OFFLINE");
export type PeerOnlineState = keyof typeof PeerOnlineState;

/** What can be subscribed to of a peer. */
export const PeerSubscriptionOption = namesOf("ONLINE_STATUS");
export type PeerSubscriptionOption = keyof typeof PeerSubscriptionOption;

/** Regions of the old system. Aldis is where its address is, so they mean nothing. */
export const AreaCode = namesOf("GLOBAL", "INDIA", "JAPAN", "ASIA", "EUROPE", "CHINA", "NORTH_AMERICA");
export type AreaCode = keyof typeof AreaCode;
