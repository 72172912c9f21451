// The numbers of states and settings, as the old system has them.

/** The connection to the server. */
export const ConnectionState = {
  Disconnected: 1,
  Connecting: 2,
  Connected: 3,
  /** The link is being made again, or the first one takes more than 10 s. */
  Reconnecting: 4,
  Reconnected: 5,
  /** The link has been away for 10 s. The tries go on. */
  Lost: 6,
  /** The session has ended for good. */
  Failed: 7,
} as const;
export type ConnectionState = (typeof ConnectionState)[keyof typeof ConnectionState];

/** Whether a user is there. */
export const UserOnlineStatus = {
  Offline: 0,
  Online: 1,
  /** Nobody knows: the user has been silent, or the query failed. */
  Unreachable: 2,
} as const;
export type UserOnlineStatus = (typeof UserOnlineStatus)[keyof typeof UserOnlineStatus];

/** How to send a message to a user. All are sent reliably and in order. */
export const MessageConfig = { ReliableOrdered: 0, UnreliableOrdered: 1, UnreliableUnordered: 2 } as const;
export type MessageConfig = (typeof MessageConfig)[keyof typeof MessageConfig];

/** The network of the host. Node tells only `Unknown` and `Disconnected`. */
export const NetworkType = {
  Unknown: -1,
  Disconnected: 0,
  LAN: 1,
  WIFI: 2,
  Mobile2G: 3,
  Mobile3G: 4,
  Mobile4G: 5,
  Mobile5G: 6,
} as const;
export type NetworkType = (typeof NetworkType)[keyof typeof NetworkType];
