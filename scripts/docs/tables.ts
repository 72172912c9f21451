// The tables of proto/README.md, made from the generated tables.

import { MembershipTrigger } from "../../gen/aldis/v1/channel.js";
import { ConnectionReason } from "../../gen/aldis/v1/connection.js";
import { CalleeState, CallerState, InvitationState, InvitationTrigger } from "../../gen/aldis/v1/invitation.js";
import { type ErrorRule, errorTable, goodbyeTable } from "../../gen/aldis/v1/tables/errors.js";
import { limitTable } from "../../gen/aldis/v1/tables/limits.js";
import {
  connectionStates,
  invitationStates,
  invitationViews,
  membershipStates,
  type StateRule,
} from "../../gen/aldis/v1/tables/states.js";

const grpcStatuses: Readonly<Record<number, string>> = {
  1: "CANCELLED",
  2: "UNKNOWN",
  3: "INVALID_ARGUMENT",
  4: "DEADLINE_EXCEEDED",
  5: "NOT_FOUND",
  6: "ALREADY_EXISTS",
  7: "PERMISSION_DENIED",
  8: "RESOURCE_EXHAUSTED",
  9: "FAILED_PRECONDITION",
  10: "ABORTED",
  12: "UNIMPLEMENTED",
  13: "INTERNAL",
  14: "UNAVAILABLE",
  16: "UNAUTHENTICATED",
};

const inCell = (text: string): string => text.replaceAll("|", "\\|");

export function renderErrors(): string {
  const rows = Object.values<ErrorRule>(errorTable)
    .slice(1)
    .map(
      ({ name, grpcStatus, retryable, about }) =>
        `| \`${name}\` | ${grpcStatuses[grpcStatus]} | ${retryable ? "yes" : "no"} | ${inCell(about)} |`,
    );
  return ["| code | gRPC status | retry | meaning |", "|---|---|---|---|", ...rows].join("\n");
}

export function renderGoodbyes(): string {
  const rows = Object.values(goodbyeTable)
    .slice(1)
    .map(({ name, comeBack, about }) => `| \`${name}\` | ${comeBack} | ${inCell(about)} |`);
  return ["| reason | come back | meaning |", "|---|---|---|", ...rows].join("\n");
}

export function renderLimits(): string {
  const rows = Object.values(limitTable).map(({ name, unit, windowMs, about, ...rule }) => {
    const value = `${rule.default} ${unit}${windowMs > 0 ? ` in ${windowMs} ms` : ""}`;
    return `| \`${name}\` | ${value} | ${inCell(about)} |`;
  });
  return ["| limit | default | what |", "|---|---|---|", ...rows].join("\n");
}

export function renderConnection(): string {
  return diagram(Object.values(connectionStates).slice(1), connectionStates, namesOf(ConnectionReason));
}

export function renderMembership(): string {
  return diagram(Object.values(membershipStates).slice(1), membershipStates, namesOf(MembershipTrigger));
}

export function renderInvitation(): string {
  return diagram(Object.values(invitationStates).slice(1), invitationStates, namesOf(InvitationTrigger));
}

export function renderCallerView(): string {
  const names = namesOf(CallerState);
  return viewDiagram("IDLE", (state) => names.get(invitationViews[state].caller) ?? "");
}

export function renderCalleeView(): string {
  const names = namesOf(CalleeState);
  return viewDiagram("", (state) => names.get(invitationViews[state].callee) ?? "");
}

/** What one side of an invitation shows. `before` is what it shows before the send; empty for nothing. */
function viewDiagram(before: string, view: (state: InvitationState) => string): string {
  const triggers = namesOf(InvitationTrigger);
  const labels = new Map<string, Set<string>>();
  for (const [from, rule] of Object.entries(invitationStates)) {
    for (const { to, on } of rule.transitions) {
      const [shown, next] = [view(Number(from) as InvitationState), view(to)];
      if (shown === next && !invitationStates[to].terminal) continue;
      const edge = `${shown} --> ${shown === next ? "[*]" : next}`;
      const known = labels.get(edge) ?? [];
      labels.set(edge, new Set([...known, ...on.map((trigger) => triggers.get(trigger) ?? "")]));
    }
  }
  const first = view(InvitationState.SENT);
  const lines = before === "" ? [`[*] --> ${first}`] : [`[*] --> ${before}`, `${before} --> ${first}: SEND`];
  for (const [edge, names] of labels) lines.push(`${edge}: ${[...names].join(", ")}`);
  return ["```mermaid", "stateDiagram-v2", ...lines.map((line) => `  ${line}`), "```"].join("\n");
}

function namesOf(values: Readonly<Record<string, number>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(values).map(([name, value]) => [value, name]));
}

function diagram<S extends number, T extends number>(
  states: readonly StateRule<S, T>[],
  table: Readonly<Record<S, StateRule<S, T>>>,
  triggers: ReadonlyMap<number, string>,
): string {
  const lines = states.flatMap((state) => [
    ...(state.initial ? [`  [*] --> ${state.name}`] : []),
    ...state.transitions.map(
      ({ to, on }) => `  ${state.name} --> ${table[to].name}: ${on.map((trigger) => triggers.get(trigger)).join(", ")}`,
    ),
  ]);
  return ["```mermaid", "stateDiagram-v2", ...lines, "```"].join("\n");
}
