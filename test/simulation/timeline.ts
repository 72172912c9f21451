import { LeaveReason, MembershipState, Recovery } from "../../gen/aldis/v1/channel.js";
import { ConnectionReason, ConnectionState } from "../../gen/aldis/v1/connection.js";
import { InvitationEndReason } from "../../gen/aldis/v1/invitation.js";
import { SessionStart } from "../../gen/aldis/v1/session.js";
import { ConnectRequest, ConnectResponse } from "../../gen/aldis/v1/stream.js";
import { type Entry, isClient, type JournalLine, type WireEntry } from "./journal.js";
import type { Finding } from "./simulate.js";

/** How much of the time around a finding is shown, in milliseconds. */
const beforeMs = 20_000;
const afterMs = 500;

const mostLines = 80;
const widestLine = 220;

/** What happened around a finding between the parties concerned, one line each. */
export function timelineOf(finding: Finding, lines: readonly JournalLine[]): string[] {
  const { at, parties } = finding;
  const shown = lines.filter((line) => {
    const when = "wire" in line ? line.wire.at : line.entry.at;
    return when >= at - beforeMs && when <= at + afterMs && concerns(line, parties) && !isHeartbeat(line);
  });
  return shown.slice(-mostLines).map(textOf);
}

function concerns(line: JournalLine, parties: readonly string[]): boolean {
  const isParty = (name: string): boolean => parties.some((party) => name === party || name.startsWith(`${party}.`));
  if ("wire" in line) return isParty(line.wire.client);
  return isParty(line.entry.who) || !isClient(line.entry.who);
}

function isHeartbeat(line: JournalLine): boolean {
  if (!("wire" in line)) return false;
  const { direction, bytes } = line.wire;
  if (direction === "up") return readRequest(bytes).frame?.$case === "ping";
  return readResponse(bytes).control?.$case === "pong";
}

function textOf(line: JournalLine): string {
  const text = "wire" in line ? wireText(line.wire) : entryText(line.entry);
  return text.length > widestLine ? `${text.slice(0, widestLine)}…` : text;
}

function wireText({ at, client, node, direction, lost, bytes }: WireEntry): string {
  const [from, to] = direction === "up" ? [client, node] : [node, client];
  const content = direction === "up" ? requestText(bytes) : responseText(bytes);
  return `${timeText(at)}  ${from} ${lost ? "-x" : "->"} ${to}  ${content}`;
}

function entryText({ at, who, what }: Entry): string {
  const { kind, ...rest } = what;
  const text = JSON.stringify(rest, (key, value) => nameIn(names[kind]?.[key] ?? {}, value));
  return `${timeText(at)}  ${who} * ${kind}  ${text}`;
}

/** The names of the numbers that mean something, by the kind of happening. */
const names: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>> = {
  state: { state: ConnectionState, reason: ConnectionReason },
  session: { start: SessionStart },
  membership: { state: MembershipState },
  memberLeft: { reason: LeaveReason },
  left: { reason: LeaveReason },
  invitation: { reason: InvitationEndReason },
  rejoined: { recovery: Recovery },
};

function nameIn(numbers: Readonly<Record<string, number>>, value: unknown): unknown {
  return Object.keys(numbers).find((name) => numbers[name] === value) ?? value;
}

function timeText(at: number): string {
  return `${(at / 1000).toFixed(3).padStart(8)} s`;
}

function readRequest(bytes: Uint8Array): Partial<ConnectRequest> {
  try {
    return ConnectRequest.decode(bytes);
  } catch {
    return {};
  }
}

function readResponse(bytes: Uint8Array): ConnectResponse {
  return ConnectResponse.decode(bytes);
}

function requestText(bytes: Uint8Array): string {
  const { frame } = readRequest(bytes);
  if (frame === undefined) return `${bytes.length} bytes that say nothing`;
  if (frame.$case !== "call") return `${frame.$case} ${short(frame.value)}`;
  return `call ${frame.value.callId} ${frame.value.request?.$case} ${short(frame.value.request?.value)}`;
}

function responseText(bytes: Uint8Array): string {
  const { control, events, results } = readResponse(bytes);
  if (control !== undefined) return `${control.$case} ${short(control.value)}`;
  const said = events.map(({ event }) => `${event?.$case} ${short(event?.value)}`);
  const answered = results.map(({ callId, outcome }) => `result ${callId} ${outcome?.$case} ${short(outcome?.value)}`);
  return [...said, ...answered].join("; ");
}

/** The fields that say something, without what only machines read. */
function short(value: unknown): string {
  const text = JSON.stringify(value, (key, part) => {
    if (key === "limits" || key === "token" || key === "serverVersion") return undefined;
    if (part === "" || part === 0 || part === false || (Array.isArray(part) && part.length === 0)) return undefined;
    return typeof part === "string" && part.length > 40 ? `${part.slice(0, 40)}…` : part;
  });
  return text ?? "";
}
