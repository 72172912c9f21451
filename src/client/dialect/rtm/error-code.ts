// The numbers of `RtmError.code`, by operation. Those of Java and C++ are the same, with a prefix to each name.

/** Before the client is made, and after `release`. Before the login, and after its end. */
const common = { NOT_INITIALIZED: 101, USER_NOT_LOGGED_IN: 102 } as const;

/** `login`. */
export const LoginError = {
  OK: 0,
  UNKNOWN: 1,
  REJECTED: 2,
  INVALID_ARGUMENT: 3,
  INVALID_APP_ID: 4,
  INVALID_TOKEN: 5,
  TOKEN_EXPIRED: 6,
  NOT_AUTHORIZED: 7,
  /** Also while the state is `ABORTED`: log out first. */
  ALREADY_LOGGED_IN: 8,
  TIMEOUT: 9,
  TOO_OFTEN: 10,
  NOT_INITIALIZED: common.NOT_INITIALIZED,
} as const;

/** `logout`. */
export const LogoutError = { OK: 0, REJECTED: 1, ...common } as const;

/** `renewToken`. */
export const RenewTokenError = {
  OK: 0,
  FAILURE: 1,
  INVALID_ARGUMENT: 2,
  REJECTED: 3,
  TOO_OFTEN: 4,
  TOKEN_EXPIRED: 5,
  INVALID_TOKEN: 6,
  ...common,
} as const;

/** `sendMessageToPeer`. Its result has `PEER_UNREACHABLE` and `CACHED_BY_SERVER` as `code`; the others reject. */
export const PeerMessageError = {
  OK: 0,
  FAILURE: 1,
  SENT_TIMEOUT: 2,
  PEER_UNREACHABLE: 3,
  CACHED_BY_SERVER: 4,
  TOO_OFTEN: 5,
  INVALID_USERID: 6,
  INVALID_MESSAGE: 7,
  /** The spelling of the headers. */
  IMCOMPATIBLE_MESSAGE: 8,
  INCOMPATIBLE_MESSAGE: 8,
  ...common,
} as const;

/** `sendMessage` of a channel. */
export const ChannelMessageError = {
  OK: 0,
  FAILURE: 1,
  SENT_TIMEOUT: 2,
  TOO_OFTEN: 3,
  INVALID_MESSAGE: 4,
  NOT_IN_CHANNEL: 5,
  ...common,
} as const;

/** `createChannel` and `join`. */
export const JoinChannelError = {
  OK: 0,
  FAILURE: 1,
  REJECTED: 2,
  INVALID_ARGUMENT: 3,
  TIMEOUT: 4,
  EXCEED_LIMIT: 5,
  ALREADY_JOINED: 6,
  TOO_OFTEN: 7,
  JOIN_SAME_CHANNEL_TOO_OFTEN: 8,
  ...common,
} as const;

/** `leave`. */
export const LeaveChannelError = { OK: 0, FAILURE: 1, REJECTED: 2, NOT_IN_CHANNEL: 3, ...common } as const;

/** `getMembers`. */
export const GetMembersError = {
  OK: 0,
  FAILURE: 1,
  REJECTED: 2,
  TIMEOUT: 3,
  TOO_OFTEN: 4,
  NOT_IN_CHANNEL: 5,
  ...common,
} as const;

/** `queryPeersOnlineStatus`, and the calls of status subscriptions. */
export const QueryPeersOnlineStatusError = {
  OK: 0,
  FAILURE: 1,
  INVALID_ARGUMENT: 2,
  REJECTED: 3,
  TIMEOUT: 4,
  TOO_OFTEN: 5,
  ...common,
} as const;

/** The calls of user and channel attributes. */
export const AttributeOperationError = {
  OK: 0,
  NOT_READY: 1,
  FAILURE: 2,
  INVALID_ARGUMENT: 3,
  SIZE_OVERFLOW: 4,
  TOO_OFTEN: 5,
  USER_NOT_FOUND: 6,
  TIMEOUT: 7,
  ...common,
} as const;

/** `getChannelMemberCount`. */
export const ChannelMemberCountError = {
  OK: 0,
  FAILURE: 1,
  INVALID_ARGUMENT: 2,
  TOO_OFTEN: 3,
  TIMEOUT: 4,
  EXCEED_LIMIT: 5,
  ...common,
} as const;

/** Why an invitation failed, for its caller. Events carry the name, as a `LocalInvitationFailureReason`. */
export const LocalInvitationError = {
  OK: 0,
  PEER_OFFLINE: 1,
  PEER_NO_RESPONSE: 2,
  INVITATION_EXPIRE: 3,
  NOT_LOGGEDIN: 4,
} as const;

/** Why an invitation failed, for its callee. Events carry the name, as a `RemoteInvitationFailureReason`. */
export const RemoteInvitationError = { OK: 0, PEER_OFFLINE: 1, ACCEPT_FAILURE: 2, INVITATION_EXPIRE: 3 } as const;

/** The calls of invitations. */
export const InvitationApiCallError = {
  OK: 0,
  INVALID_ARGUMENT: 1,
  NOT_STARTED: 2,
  ALREADY_END: 3,
  ALREADY_ACCEPT: 4,
  ALREADY_SENT: 5,
  ...common,
} as const;
