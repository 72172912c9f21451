import type { Action } from "./action.js";
import { countMembers, joinChannel, leaveChannel, listMembers, readHistory, retryToChannel, sendToChannel } from "./channel.js";
import { invite } from "./invite.js";
import { retryToPeer, sendToPeer } from "./peer.js";
import { logout, queryPresence, renewToken } from "./session.js";
import { callWrongly } from "./wrong.js";

/** All that clients do. A new kind of action is a file and a line here; what stands here twice is done more often. */
export const actions: readonly Action[] = [
  sendToPeer,
  retryToPeer,
  joinChannel,
  joinChannel,
  sendToChannel,
  sendToChannel,
  retryToChannel,
  leaveChannel,
  listMembers,
  readHistory,
  countMembers,
  queryPresence,
  renewToken,
  logout,
  invite,
  callWrongly,
];
