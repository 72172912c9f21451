// What comes from outside, as lines for a terminal. Everything that others chose is escaped.
import { LeaveReason } from "../../../gen/aldis/v1/channel.js";
import { ConnectionReason, ConnectionState } from "../../../gen/aldis/v1/connection.js";
import { InvitationEndReason } from "../../../gen/aldis/v1/invitation.js";
import type { Channel } from "../../client/channel/channel.js";
import type { AldisClient } from "../../client/client.js";
import type { UserInvitation } from "../../client/invitation/user-invitation.js";
import type { ReceivedPayload } from "../../client/payload.js";
import { time } from "../admin/table.js";
import { escapeControls } from "../escape.js";
import { nameOf } from "../name-of.js";

/** Shows what happens to a client from now on. */
export function showClient(client: AldisClient, show: (text: string) => void): void {
  client.on("peerMessage", ({ sender, payload }) => show(`${escapeControls(sender)}: ${contentOf(payload)}`));
  client.on("stateChanged", ({ state, reason }) => {
    show(`* ${nameOf(ConnectionState, state)} (${nameOf(ConnectionReason, reason)})`);
  });
  // With a token of its own making the client renews it by itself, and then this is for information.
  client.on("tokenWillExpire", ({ expiresAtMs, expired, sessionEndsAtMs }) => {
    const end = sessionEndsAtMs === 0 ? "" : `; without another one the session ends at ${time(sessionEndsAtMs)}`;
    show(`* the token ${expired ? "has expired" : "expires"} at ${time(expiresAtMs)}${end}`);
  });
  client.on("tokenExpired", ({ error }) => show(`* ${error.codeName}: ${escapeControls(error.message)}`));
  client.on("invitation", (call) => {
    show(`* ${escapeControls(call.caller)} calls; /accept or /refuse`);
    showCall(call, call.caller, show);
  });
}

/** Shows what happens to a call from now on. `other` is the user on the other side. */
export function showCall<State>(call: UserInvitation<State>, other: string, show: (text: string) => void): void {
  const name = escapeControls(other);
  call.on("received", () => show(`* it rings at ${name}`));
  call.on("accepted", () => show(`* in a call with ${name}; /hangup ends it`));
  call.on("refused", () => show(`* the call with ${name} was refused`));
  call.on("cancelled", () => show(`* the call with ${name} was taken back`));
  call.on("failed", ({ reason }) => show(`* the call with ${name} has failed (${nameOf(InvitationEndReason, reason)})`));
  call.on("ended", () => show(`* the call with ${name} is over`));
}

/** Shows what happens in a channel from now on. */
export function showChannel(channel: Channel, show: (text: string) => void): void {
  const name = escapeControls(channel.id);
  channel.on("message", ({ sender, payload }) => show(`[${name}] ${escapeControls(sender)}: ${contentOf(payload)}`));
  channel.on("memberJoined", ({ userId }) => show(`[${name}] ${escapeControls(userId)} joined`));
  channel.on("memberLeft", ({ userId, reason }) => {
    show(`[${name}] ${escapeControls(userId)} left (${nameOf(LeaveReason, reason)})`);
  });
  channel.on("gap", ({ firstOffset, lastOffset }) => show(`[${name}] messages ${firstOffset} to ${lastOffset} are missing`));
  channel.on("left", ({ reason }) => show(`[${name}] you are out (${nameOf(LeaveReason, reason)})`));
}

function contentOf(payload: ReceivedPayload): string {
  if (payload.text !== undefined) return escapeControls(payload.text);
  return `(${payload.binary.length} bytes) ${escapeControls(payload.description)}`;
}
