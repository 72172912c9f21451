import { errorTable } from "../../../gen/aldis/v1/tables/errors.js";
import { AdminKeys } from "../auth/admin-keys.js";
import { auditDigest } from "../auth/audit-key.js";
import { adminHandlers } from "../feature/admin/handlers.js";
import { NodeRequests } from "../feature/admin/node-requests.js";
import { randomId } from "../runtime.js";
import { AdminCalls } from "../session/admin/admin-calls.js";
import type { Audit } from "../session/admin/audit.js";
import { NodeAnswers } from "../session/admin/node-answers.js";
import type { DispatchObserver } from "../session/dispatcher.js";
import { serverVersion } from "../version.js";
import type { Features } from "./features.js";
import { type Foundation, processBytes } from "./foundation.js";

/** What operators call, and what nodes ask each other for them. Without keys nobody could call. */
export function composeAdmin(
  { parts, nodeId, engine, registry, metrics: totals, clock, limits, report }: Foundation,
  { sessions, channels, hub, peerMessages, channelMessages, happenings, trace }: Features,
  observer: DispatchObserver,
) {
  const { verifier, adminKeys: keys = new AdminKeys([]), issueToken = async () => undefined, logger } = parts;
  const { residentBytes = processBytes } = parts;
  const openChannels = (appId: string) => (appId === "" ? hub.size : hub.sizeOf(appId));
  const own = { nodeId, serverVersion, registry, sessions, channels, openChannels, trace, totals, residentBytes, clock };
  const requests = new NodeRequests(engine.nodes, nodeId, new NodeAnswers(own), clock, report);
  if (keys.isEmpty) return { requests, adminCalls: undefined };
  const nodes = async () => (await engine.nodes.list()).map((node) => node.nodeId);
  const handlers = adminHandlers({ engine, requests, nodes, peerMessages, channelMessages, issueToken, trace, clock });
  const serves = (appId: string) => verifier.serves(appId);
  const audit: Audit = ({ code, ...entry }) => {
    logger.info({ audit: { ...entry, outcome: code === undefined ? "OK" : errorTable[code].name } }, "an admin call");
  };
  const auditKey = parts.auditKey ?? randomId(parts.runtime, 256);
  const digest = (text: string) => auditDigest(auditKey, text);
  const onLimit = totals.onLimit.bind(totals);
  const services = { handlers, happenings, keys, serves, limits, clock, observer, audit, digest, onLimit };
  return { requests, adminCalls: new AdminCalls(services) };
}
