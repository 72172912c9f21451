// The numbers that states and reasons have in the SDKs whose enums are numbers, and the names that belong to numbers.
import type {
  ConnectionChangeReason,
  ConnectionState,
  LocalInvitationState,
  MessageType,
  PeerOnlineState,
  RemoteInvitationState,
} from "./status-code.js";

type Numbers<Name extends string> = Readonly<Record<Name, number>>;

export const ConnectionStateNumber: Numbers<ConnectionState> = {
  DISCONNECTED: 1,
  CONNECTING: 2,
  CONNECTED: 3,
  RECONNECTING: 4,
  ABORTED: 5,
};

export const ConnectionChangeReasonNumber: Numbers<ConnectionChangeReason> = {
  LOGIN: 1,
  LOGIN_SUCCESS: 2,
  LOGIN_FAILURE: 3,
  LOGIN_TIMEOUT: 4,
  INTERRUPTED: 5,
  LOGOUT: 6,
  BANNED_BY_SERVER: 7,
  REMOTE_LOGIN: 8,
  TOKEN_EXPIRED: 9,
};

export const LocalInvitationStateNumber: Numbers<LocalInvitationState> = {
  IDLE: 0,
  SENT_TO_REMOTE: 1,
  RECEIVED_BY_REMOTE: 2,
  ACCEPTED_BY_REMOTE: 3,
  REFUSED_BY_REMOTE: 4,
  CANCELED: 5,
  FAILURE: 6,
};

/** `IDLE` is a number only: no remote invitation shows it. */
export const RemoteInvitationStateNumber: Numbers<RemoteInvitationState | "IDLE"> = {
  IDLE: 0,
  INVITATION_RECEIVED: 1,
  ACCEPT_SENT_TO_LOCAL: 2,
  REFUSED: 3,
  ACCEPTED: 4,
  CANCELED: 5,
  FAILURE: 6,
};

/** `UNDEFINED` is a number only: every message has one of the other types. */
export const MessageTypeNumber: Numbers<MessageType | "UNDEFINED"> = { UNDEFINED: 0, TEXT: 1, RAW: 2, FILE: 3, IMAGE: 4 };

export const PeerOnlineStateNumber: Numbers<PeerOnlineState> = { ONLINE: 0, UNREACHABLE: 1, OFFLINE: 2 };

/** The name that belongs to a number. `otherwise` for a number without a name. */
export function nameOf<Name extends string>(numbers: Readonly<Record<Name, number>>, code: number, otherwise: Name): Name {
  const names = Object.keys(numbers) as Name[];
  return names.find((name) => numbers[name] === code) ?? otherwise;
}
