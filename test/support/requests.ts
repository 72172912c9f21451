// The requests that tests of the server make, as short as they can be said. `more` sets what a test is about.
import {
  CheckMembershipRequest,
  GetMemberCountsRequest,
  JoinChannelRequest,
  LeaveChannelRequest,
  ListMembersRequest,
  SendChannelMessageRequest,
} from "../../gen/aldis/v1/channel.js";
import { GetChannelHistoryRequest } from "../../gen/aldis/v1/history.js";
import { Payload, SendPeerMessageRequest } from "../../gen/aldis/v1/message.js";
import { QueryPresenceRequest } from "../../gen/aldis/v1/presence.js";
import { LogoutRequest, RenewTokenRequest } from "../../gen/aldis/v1/session.js";
import type { CallResult, Event } from "../../gen/aldis/v1/stream.js";

export type Happening = NonNullable<Event["event"]>;
export type Outcome = CallResult["outcome"];

/** The value of a oneof's case. */
type ValueOf<T, K> = Extract<T, { $case: K; value: unknown }>["value"];

export function text(value: string): Payload {
  return Payload.create({ content: { $case: "text", value } });
}

export function binary(bytes: number, description = ""): Payload {
  return Payload.create({ content: { $case: "binary", value: new Uint8Array(bytes) }, description });
}

/** A message to a user that says `said`. */
export function toPeer(receiver: string, said: string, more: Partial<SendPeerMessageRequest> = {}) {
  return {
    $case: "sendPeerMessage" as const,
    value: SendPeerMessageRequest.create({ receiver, payload: text(said), ...more }),
  };
}

/** A message to a channel that says `said`. */
export function toChannel(channel: string, said: string, more: Partial<SendChannelMessageRequest> = {}) {
  return {
    $case: "sendChannelMessage" as const,
    value: SendChannelMessageRequest.create({ channel, payload: text(said), ...more }),
  };
}

export function join(channel: string, more: Partial<JoinChannelRequest> = {}) {
  return { $case: "joinChannel" as const, value: JoinChannelRequest.create({ channel, ...more }) };
}

export function leave(channel: string) {
  return { $case: "leaveChannel" as const, value: LeaveChannelRequest.create({ channel }) };
}

export function listMembers(channel: string, more: Partial<ListMembersRequest> = {}) {
  return { $case: "listMembers" as const, value: ListMembersRequest.create({ channel, ...more }) };
}

export function countMembers(...channels: string[]) {
  return { $case: "getMemberCounts" as const, value: GetMemberCountsRequest.create({ channels }) };
}

export function checkMembership(channel: string, userId: string) {
  return { $case: "checkMembership" as const, value: CheckMembershipRequest.create({ channel, userId }) };
}

export function readHistory(channel: string, more: Partial<GetChannelHistoryRequest> = {}) {
  return { $case: "getChannelHistory" as const, value: GetChannelHistoryRequest.create({ channel, ...more }) };
}

export function queryPresence(...userIds: string[]) {
  return { $case: "queryPresence" as const, value: QueryPresenceRequest.create({ userIds }) };
}

export function renewToken(token: string) {
  return { $case: "renewToken" as const, value: RenewTokenRequest.create({ token }) };
}

export function logout() {
  return { $case: "logout" as const, value: LogoutRequest.create() };
}

/** What the messages among events say, in order. */
export function saidIn(events: readonly Happening[]): string[] {
  const said: string[] = [];
  for (const event of events) {
    if (event.$case !== "peerMessage" && event.$case !== "channelMessage") continue;
    if (event.value.payload?.content?.$case === "text") said.push(event.value.payload.content.value);
  }
  return said;
}

/** The events of one kind. */
export function only<K extends Happening["$case"]>(events: readonly Happening[], kind: K): ValueOf<Happening, K>[] {
  return events.flatMap((event) => (event.$case === kind ? [event.value as ValueOf<Happening, K>] : []));
}

/** What a call answered with; throws if it answered with something else. */
export function answer<K extends NonNullable<Outcome>["$case"]>(outcome: Outcome, kind: K): ValueOf<NonNullable<Outcome>, K> {
  if (outcome?.$case !== kind) throw new Error(`the answer should be ${kind}, and is ${JSON.stringify(outcome)}`);
  return outcome.value as ValueOf<NonNullable<Outcome>, K>;
}
