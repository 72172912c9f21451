import type { AldisClient } from "../../client.js";
import type { CallOptions } from "../../options.js";

/** What a text to a peer begins with that is no message, but hangs up a call: the channel of the call and a text follow. */
export const END_CALL_PREFIX = "AgoraRTMLegacyEndcallCompatibleMessagePrefix";

const pattern = new RegExp(`^${END_CALL_PREFIX}_(.*)_([^_]*)$`, "s");

/** Hangs up the call with a peer that a text speaks of. False if it speaks of none. */
export async function endCall(client: AldisClient, peerId: string, text: string, options: CallOptions): Promise<boolean> {
  const [, channel, content] = pattern.exec(text) ?? [];
  const call = client.invitations
    .live()
    .find((live) => live.channel === channel && (live.direction === "outgoing" ? live.callee : live.caller) === peerId);
  if (call === undefined) return false;
  await call.end(content, options);
  return true;
}
