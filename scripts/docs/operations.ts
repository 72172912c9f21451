// The generated parts of operations/README.md.
import { readFileSync } from "node:fs";
import { ErrorCode } from "../../gen/aldis/v1/error.js";
import { type ErrorRule, errorTable } from "../../gen/aldis/v1/tables/errors.js";
import { fixedLimits } from "../../src/server/config/fixed-limits.js";
import { Metrics } from "../../src/server/observe/metrics.js";

/** All figures, with those of parts that a node need not have. */
async function metricsText(): Promise<string> {
  const nothing = { sessions: () => 0, attachedSessions: () => 0, queuedBytes: () => 0 };
  const metrics = new Metrics(nothing, { utilization: 0 });
  metrics.watchCertificate({ expiresAtMs: 0 });
  metrics.watchStore({ health: () => "ok", freeBytes: () => 0, waitingCalls: () => 0 });
  metrics.watchNode({ isFenced: false }, { size: 0 });
  const none = { messages: 0, bytes: 0 };
  metrics.watchAppends(none);
  metrics.watchRedis({ deafTopics: 0, outgoingMail: none, incomingMail: none });
  metrics.apps.watch({ ids: [], sessionsOf: () => 0, channelsOf: () => 0 });
  return (await metrics.text()).text;
}

export async function renderMetrics(): Promise<string> {
  const rows = [...(await metricsText()).matchAll(/^# HELP (\S+) (.+)\n# TYPE \S+ (\w+)$/gm)];
  const lines = rows.map(([, name, help, type]) => `| \`${name}\` | ${type} | ${inCell(help ?? "")} |`).sort();
  return ["| metric | type | what |", "|---|---|---|", ...lines].join("\n");
}

export function renderFixedLimits(): string {
  return `${[...fixedLimits].map((name) => `\`${name}\``).join(", ")}.`;
}

interface Alarm {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly action: string };
}

export function renderAlarms(): string {
  const text = readFileSync(new URL("../../operations/alarms.json", import.meta.url), "utf8");
  const { groups } = JSON.parse(text) as { groups: { rules: Alarm[] }[] };
  const lines = groups
    .flatMap(({ rules }) => rules)
    .map(
      ({ alert, labels, annotations }) =>
        `| \`${alert}\` | ${labels.severity} | ${annotations.summary} | ${annotations.action} |`,
    );
  return ["| alarm | severity | when | what to do |", "|---|---|---|---|", ...lines].join("\n");
}

const ofTheApplication = "Nothing on the server: the application that calls is to be corrected.";

/** What an operator does about errors, by their gRPC status. */
const adviceByStatus: Readonly<Record<number, string>> = {
  1: "Nothing.",
  3: ofTheApplication,
  4: "Compare `aldis_delivery_seconds` and `aldis_event_loop_utilization`: if they rise, the server has too much to do.",
  5: ofTheApplication,
  6: ofTheApplication,
  7: "Look at the rights in the token, the bans, and who asked: `aldis admin trace --user USER` says why.",
  8: "If honest users meet it, raise the limit that `ErrorDetail.limit` names; else leave it, it does its work.",
  9: ofTheApplication,
  10: "Nothing: the writer reads again and retries.",
  12: "Compare the versions of client and server.",
  13: "Look for the fault in the log (level error), and report it.",
  14: "Look at `/readyz` and the log: it drains, the disk is full, the store has failed, Redis is away, or the keys of a provider cannot be had.",
  16: "Run `aldis doctor`: keys, apps file and clock. If it is one app only, compare its keys with those of whoever signs.",
};

/** What an operator does about an error for which the advice of its status would lead astray. */
const adviceByCode: Readonly<Partial<Record<ErrorCode, string>>> = {
  [ErrorCode.NOT_CONNECTED]: "Look at the network and the proxies between client and server.",
  [ErrorCode.NOT_LOGGED_IN]: "Nothing: the client logs in again. If it comes in waves, look for restarts and broken links.",
  [ErrorCode.TOKEN_EXPIRED]:
    "Look at the clocks of the server and of whoever issues tokens, and at whether clients renew them.",
  [ErrorCode.PEER_UNREACHABLE]: "Nothing: the receiver is away. With `--store-for-away` the message would wait.",
  [ErrorCode.UNSUPPORTED_VERSION]: "Have the client updated, or run a server that is as old as the client.",
  [ErrorCode.TOO_MANY_CHANNELS]: "If honest users meet it, raise `channelsPerSession`.",
  [ErrorCode.APP_SERVER_NOT_ALLOWED]:
    "Name the host in `--app-server-hosts`, and a private network in `--app-server-networks`.",
  [ErrorCode.APP_SERVER_UNREACHABLE]: "Look at the application server, and at the way to it.",
  [ErrorCode.APP_SERVER_BAD_REPLY]: "Have the application server corrected.",
  [ErrorCode.RESOURCE_EXHAUSTED]:
    "Look at memory, sessions and the disk (`aldis_resident_bytes`, `aldis_sessions`, `aldis_store_free_bytes`): give room, or another node.",
};

export function renderAdvice(): string {
  const lines = Object.entries<ErrorRule>(errorTable).flatMap(([code, { name, grpcStatus, retryable, about }]) => {
    const number = Number(code) as ErrorCode;
    if (number === ErrorCode.UNSPECIFIED) return [];
    const advice = adviceByCode[number] ?? adviceByStatus[grpcStatus];
    if (advice === undefined) throw new Error(`nobody says what an operator does about ${name}`);
    return [`| \`${name}\` | ${inCell(about)}${retryable ? " Clients may retry." : ""} | ${advice} |`];
  });
  return ["| code | meaning | what an operator does |", "|---|---|---|", ...lines].join("\n");
}

const inCell = (text: string): string => text.replaceAll("|", "\\|");
