// What each `aldis admin` command asks, and how it shows the answer.
import { DeliveryOutcome } from "../../../gen/aldis/v1/message.js";
import { CliError } from "../cli-error.js";
import { nameOf } from "../name-of.js";
import type { Admin } from "./connection.js";
import { fields, table, time } from "./table.js";
import { banRow, channelRow, clusterRow, nodeRow, sessionFields, sessionJson, sessionRow, stepRow } from "./views.js";

/** What a command shows: the same for people and for programs. */
export interface Shown {
  readonly json: unknown;
  readonly text: string;
  /** True if something is not as it should be. Default: false. */
  readonly failed?: boolean;
}

export interface SendOptions {
  readonly from: string;
  readonly to?: string;
  readonly channel?: string;
  readonly store?: boolean;
}

export async function send({ client, appId }: Admin, text: string, options: SendOptions): Promise<Shown> {
  const { from: sender, to: receiver, channel, store } = options;
  const payload = { content: { $case: "text" as const, value: text } };
  if ((receiver === undefined) === (channel === undefined)) throw new CliError("Give either --to or --channel.", 2);
  if (receiver !== undefined) {
    const message = { receiver, payload, storeIfAway: store ?? false };
    const { result } = await client.call("sendToPeer", { appId, sender, message });
    const outcome = nameOf(DeliveryOutcome, result?.outcome ?? DeliveryOutcome.UNSPECIFIED);
    return { json: { ...result, outcome }, text: `${outcome}. The message has the id ${result?.messageId}.\n` };
  }
  const { result } = await client.call("sendToChannel", { appId, sender, message: { channel: channel ?? "", payload } });
  const text_ = `Sent, with the offset ${result?.position?.offset}. The message has the id ${result?.messageId}.\n`;
  return { json: result, text: text_ };
}

export async function kick({ client, appId }: Admin, userId: string, { channel }: { channel?: string }): Promise<Shown> {
  const json = await client.call("kickUser", { appId, userId, channel });
  return { json, text: json.wasPresent ? "The user is out.\n" : "The user was not there.\n" };
}

export interface BanOptions {
  readonly channel?: string;
  /** In milliseconds. */
  readonly for?: number;
  readonly note?: string;
}

export async function ban({ client, appId }: Admin, userId: string, options: BanOptions, nowMs: number): Promise<Shown> {
  const untilMs = options.for === undefined ? 0 : nowMs + options.for;
  const { channel, note } = options;
  const json = await client.call("banUser", { appId, userId, channel, untilMs, note });
  return { json: json.ban, text: `The user is banned ${untilMs === 0 ? "for ever" : `until ${time(untilMs)}`}.\n` };
}

export async function unban({ client, appId }: Admin, userId: string, { channel }: { channel?: string }): Promise<Shown> {
  const json = await client.call("unbanUser", { appId, userId, channel });
  return { json, text: json.wasBanned ? "The ban has ended.\n" : "There was no such ban.\n" };
}

export async function bans(admin: Admin, { limit }: { limit: number }): Promise<Shown> {
  const list = await all(limit, async (page) => {
    const { bans: items, nextPageToken } = await admin.client.call("listBans", { appId: admin.appId, page });
    return { items, nextPageToken };
  });
  return { json: list, text: table(list.map(banRow)) || "Nobody is banned.\n" };
}

export async function dismiss({ client, appId }: Admin, channel: string): Promise<Shown> {
  const json = await client.call("dismissChannel", { appId, channel });
  return { json, text: `The channel is gone; it had ${json.memberCount} members.\n` };
}

export async function sessions(admin: Admin, { limit }: { limit: number }): Promise<Shown> {
  let count = 0;
  const list = await all(limit, async (page) => {
    const {
      sessions: items,
      nextPageToken,
      sessionCount,
    } = await admin.client.call("listSessions", { appId: admin.appId, page });
    count = sessionCount;
    return { items, nextPageToken };
  });
  return { json: list.map(sessionJson), text: `${table(list.map(sessionRow))}${list.length} of ${count} sessions\n` };
}

export async function session({ client, appId }: Admin, userId: string): Promise<Shown> {
  const { session: found } = await client.call("getSession", { appId, userId });
  if (found === undefined) throw new CliError("The server told nothing of the session.");
  return { json: sessionJson(found), text: fields(sessionFields(found)) };
}

export async function channels(admin: Admin, { limit }: { limit: number }): Promise<Shown> {
  let count = 0;
  const list = await all(limit, async (page) => {
    const {
      channels: items,
      nextPageToken,
      channelCount,
    } = await admin.client.call("listChannels", { appId: admin.appId, page });
    count = channelCount;
    return { items, nextPageToken };
  });
  return { json: list, text: `${table(list.map(channelRow))}${list.length} of ${count} channels\n` };
}

export async function channel(admin: Admin, id: string, { limit }: { limit: number }): Promise<Shown> {
  const first = await admin.client.call("getChannel", { appId: admin.appId, channel: id, page: { size: 1 } });
  const members = await all(limit, async (page) => {
    const { members: items, nextPageToken } = await admin.client.call("getChannel", { appId: admin.appId, channel: id, page });
    return { items, nextPageToken };
  });
  if (first.info === undefined) throw new CliError("The server told nothing of the channel.");
  const text = fields(channelRow(first.info)) + table(members.map((member) => ({ member })));
  return { json: { ...first.info, members }, text };
}

export async function stats({ client, appId }: Admin, { allApps }: { allApps?: boolean }): Promise<Shown> {
  const json = await client.call("getStatistics", { appId: allApps ? "" : appId });
  return { json, text: `${table(json.nodes.map(nodeRow))}${json.channelCount} channels have members\n` };
}

/** All nodes, whatever apps they serve: the figures of one app say nothing of how they are. */
export async function clusterStatus({ client }: Admin): Promise<Shown> {
  const json = await client.call("getStatistics", { appId: "" });
  const failed = json.nodes.some(({ unanswered }) => unanswered);
  return { json, text: `${table(json.nodes.map(clusterRow))}${json.channelCount} channels have members\n`, failed };
}

export interface TokenOptions {
  /** In milliseconds. */
  readonly valid?: number;
  readonly join?: readonly string[];
  readonly send?: readonly string[];
  readonly sendFromOutside?: readonly string[];
  readonly readOnly?: boolean;
}

export async function token({ client, appId }: Admin, userId: string, options: TokenOptions): Promise<Shown> {
  const { valid: validForMs, join = [], send: sends = [], sendFromOutside = [], readOnly = false } = options;
  const rights = { join: [...join], send: [...sends], sendFromOutside: [...sendFromOutside], readOnly };
  const json = await client.call("issueToken", { appId, userId, validForMs, rights });
  return { json, text: `${json.token}\n` };
}

export async function revoke({ client, appId }: Admin, userId: string): Promise<Shown> {
  const json = await client.call("revokeTokens", { appId, userId });
  return { json, text: "The user's tokens are worthless, and its session has ended.\n" };
}

export interface TraceOptions {
  readonly message?: string;
  readonly invitation?: string;
  readonly user?: string;
}

export async function trace({ client, appId }: Admin, { message, invitation, user }: TraceOptions): Promise<Shown> {
  const subjects = [
    ...(message === undefined ? [] : [{ $case: "messageId" as const, value: message }]),
    ...(invitation === undefined ? [] : [{ $case: "invitationId" as const, value: invitation }]),
    ...(user === undefined ? [] : [{ $case: "userId" as const, value: user }]),
  ];
  const [subject] = subjects;
  if (subject === undefined || subjects.length > 1) throw new CliError("Give one of --message, --invitation and --user.", 2);
  const json = await client.call("traceMessage", { appId, subject });
  const note = json.truncated ? "Older steps have been forgotten.\n" : "";
  return { json, text: `${table(json.steps.map(stepRow)) || "Nothing is known.\n"}${note}` };
}

/** The entries of a list, page after page, up to a number of them. */
async function all<T>(
  limit: number,
  read: (page: { size: number; token: string }) => Promise<{ items: readonly T[]; nextPageToken: string }>,
): Promise<readonly T[]> {
  const entries: T[] = [];
  let token = "";
  do {
    const { items, nextPageToken } = await read({ size: Math.min(limit - entries.length, 1000), token });
    entries.push(...items);
    token = nextPageToken;
  } while (token !== "" && entries.length < limit);
  return entries;
}
