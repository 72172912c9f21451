// What happens to calls and messages, told to whoever counts, logs and traces.
import { DeliveryStatus } from "../../../gen/aldis/node/v1/node.js";
import { errorTable } from "../../../gen/aldis/v1/tables/errors.js";
import { EngineUnavailable } from "../engine/ports/unavailable.js";
import type { Clock } from "../runtime.js";
import type { DispatchObserver } from "../session/dispatcher.js";
import type { Logger } from "./log.js";
import { type Metrics, nameOf } from "./metrics.js";
import type { Tracer } from "./tracer.js";

/** What hears of a failure: one of the server is logged. That the engine cannot serve is counted only: it says so itself, once. */
export function failureReport(metrics: Metrics, logger: Logger) {
  return (failure: unknown, message = "a fault of the server", about: object = {}): void => {
    if (failure instanceof EngineUnavailable) return metrics.onEngineUnavailable();
    metrics.onFailure();
    logger.error({ err: failure, ...about }, message);
  };
}

export function callObserver(metrics: Metrics, tracer: Tracer, logger: Logger): DispatchObserver {
  const report = failureReport(metrics, logger);
  return {
    onCall(operation, code, ms, app) {
      metrics.onCall(operation, code, ms, app);
      tracer.record({ name: operation, ms, outcome: code === undefined ? "OK" : errorTable[code].name, code });
    },
    onFailure(operation, failure) {
      report(failure, "a call failed", { operation });
    },
  };
}

/** Watches messages to peers from the hand-over to the last word. */
export function deliveryObserver(metrics: Metrics, tracer: Tracer, clock: Clock, report: (failure: unknown) => void) {
  return (settled: Promise<DeliveryStatus>): void => {
    const startedAt = clock.monotonic();
    const onSettled = (status: DeliveryStatus) => {
      const ms = clock.monotonic() - startedAt;
      metrics.onDelivery(status, ms);
      tracer.record({ name: "deliver a peer message", ms, outcome: nameOf(DeliveryStatus, status) });
    };
    settled.then(onSettled).catch(report);
  };
}
