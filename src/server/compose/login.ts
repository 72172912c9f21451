import { Capability } from "../../../gen/aldis/v1/session.js";
import { Flusher } from "../fanout/flusher.js";
import type { LoadMeter } from "../fanout/load-meter.js";
import type { Refusal } from "../feature/refusal.js";
import type { Metrics } from "../observe/metrics.js";
import type { AddressLimits } from "../session/address-limits.js";
import { BatchJoiner } from "../session/batch-joiner.js";
import { Login } from "../session/login.js";
import type { SessionObserver } from "../session/session.js";
import { serverVersion } from "../version.js";
import type { Features } from "./features.js";
import type { Foundation } from "./foundation.js";

/** What this server offers besides the base protocol. */
const capabilities = [
  Capability.APP_SERVER,
  Capability.ATTRIBUTES,
  Capability.CHANNEL_HISTORY,
  Capability.INBOX,
  Capability.INVITATIONS,
  Capability.PRESENCE_SUBSCRIPTIONS,
];

/** Who gets in. */
export function composeLogin(
  { parts, nodeId, engine, registry, load, metrics, clock, limits, appLimits }: Foundation,
  addresses: AddressLimits,
  { sessions, admittance, capacity, unfinished, trace }: Features,
  refuseNow: () => Refusal | undefined,
): Login {
  const { config, verifier, runtime } = parts;
  const options = { ...config, nodeId, serverVersion, capabilities };
  const flusher = new Flusher(load, clock, metrics);
  const sessionServices = { flusher, joiner: new BatchJoiner(), observer: sessionObserver(metrics, load), clock, limits };
  return new Login({
    options,
    verifier,
    admittance,
    addresses,
    capacity,
    registry,
    sessions,
    refuseNow,
    engine,
    runtime,
    limits,
    appLimits,
    sessionServices,
    unfinished,
    trace,
    observer: metrics,
  });
}

function sessionObserver(metrics: Metrics, load: LoadMeter): SessionObserver {
  return {
    onBatch(events, bytes) {
      metrics.onBatch(events, bytes);
      load.onBatch(events);
    },
    onSlowConsumer: () => metrics.onSlowConsumer(),
  };
}
