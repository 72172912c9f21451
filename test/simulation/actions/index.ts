import type { Action } from "./action.js";
import { readAttributes, watchUser, writeChannelAttributes, writeOwnAttributes } from "./attributes.js";
import { countMembers, joinChannel, leaveChannel, listMembers, readHistory, retryToChannel, sendToChannel } from "./channel.js";
import { invite } from "./invite.js";
import { retryToPeer, sendToPeer } from "./peer.js";
import { logout, queryPresence, renewToken, subscribe, unsubscribe } from "./session.js";
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
  subscribe,
  unsubscribe,
  writeOwnAttributes,
  writeChannelAttributes,
  watchUser,
  readAttributes,
  renewToken,
  logout,
  invite,
  callWrongly,
];
