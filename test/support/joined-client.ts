// A client in a channel, with all that the channel tells written down.
import type { ChannelGap } from "../../gen/aldis/v1/channel.js";
import type { Position } from "../../gen/aldis/v1/history.js";
import { SessionStart } from "../../gen/aldis/v1/session.js";
import type { Event } from "../../gen/aldis/v1/stream.js";
import { membershipStates } from "../../gen/aldis/v1/tables/states.js";
import type { Channel } from "../../src/client/channel/channel.js";
import type { JoinOptions } from "../../src/client/channel/member.js";
import { createConnectedClient, type ScriptedClient } from "./scripted-client.js";

/** The welcome to a new session in place of a lost one. */
export const expired = { start: SessionStart.EXPIRED, sessionId: "session-2" };

/** A place in the channel, as answers and events carry it. */
export function at(offset: number, epoch = "e1"): { position: Position } {
  return { position: { epoch, offset } };
}

export function channelGap(gap: Partial<ChannelGap>): NonNullable<Event["event"]> {
  const value = { channel: "room", gap: undefined, position: undefined, membersChanged: false, ...gap };
  return { $case: "channelGap", value };
}

export interface Joined extends ScriptedClient {
  readonly channel: Channel;
  /** What the channel told, for example "message 4" or "JOINED". */
  readonly told: string[];
}

/** A client in the channel "room", at offset 3. */
export async function createJoinedClient(options: JoinOptions = {}): Promise<Joined> {
  const scripted = await createConnectedClient();
  const channel = scripted.client.channel("room");
  const told: string[] = [];
  const join = channel.join(options);
  scripted.server.stream.answer("joinChannel", at(3));
  await join;
  channel.on("stateChanged", ({ state }) => told.push(membershipStates[state].name));
  channel.on("message", ({ offset }) => told.push(`message ${offset}`));
  channel.on("gap", ({ firstOffset, lastOffset }) => told.push(`gap ${firstOffset}-${lastOffset}`));
  channel.on("left", ({ reason, error }) => told.push(`left ${reason} ${error?.codeName ?? ""}`.trim()));
  channel.on("rejoined", ({ recoveredMessages }) => told.push(`rejoined ${recoveredMessages}`));
  return { ...scripted, channel, told };
}
