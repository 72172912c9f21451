import type { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import { messageRules } from "../../../../gen/aldis/v1/tables/rules.js";

/** One call of an operator, for the audit log. */
export interface AuditEntry {
  /** The name of the admin key. */
  readonly key: string;
  readonly operation: string;
  readonly target: Readonly<Record<string, unknown>>;
  /** Why it failed. Undefined if it did not. */
  readonly code: ErrorCode | undefined;
}

/** Writes an entry into the audit log. */
export type Audit = (entry: AuditEntry) => void;

/**
 * What a request is about, by the names of its fields: those that are public as they are, and those that are personal as digests,
 * so that the log tells nobody who it was, and confirms it to whoever holds the key and asks for somebody.
 */
export function targetOf(requestType: string, request: object, digest: (text: string) => string): AuditEntry["target"] {
  const target: Record<string, unknown> = {};
  const values = request as Readonly<Record<string, unknown>>;
  for (const { name, protoName, kind, shape, oneof, sensitivity } of messageRules[requestType]?.fields ?? []) {
    const chosen = oneof === undefined ? undefined : (values[oneof] as { $case: string; value: unknown } | undefined);
    const value = oneof === undefined ? values[name] : chosen?.$case === name && chosen.value;
    if (kind === "message" || shape !== "single" || sensitivity === "secret" || !value) continue;
    target[protoName] = sensitivity === "public" ? value : digest(String(value));
  }
  return target;
}
