import { Gauge, type Registry } from "prom-client";
import type { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { errorTable } from "../../../gen/aldis/v1/tables/errors.js";
import { operations } from "../../../gen/aldis/v1/tables/operations.js";
import { QuickCounter } from "./quick-counter.js";

/** What a node knows of its apps. */
export interface AppFigures {
  /** The apps that are served at present. */
  readonly ids: readonly string[];
  sessionsOf(appId: string): number;
  channelsOf(appId: string): number;
}

/** The operations that count as messages of an app. */
const messages = new Set(
  Object.values(operations).flatMap(({ name, rates }) => ((rates as readonly string[]).includes("appMessages") ? [name] : [])),
);

/** The figures of a node by app. Apps are those of the configuration, so their number is bounded. */
export class AppMetrics {
  private readonly logins: QuickCounter;
  private readonly sent: QuickCounter;
  private readonly refusals: QuickCounter;

  constructor(private readonly registry: Registry) {
    const counter = (name: string, help: string, label: string) =>
      new QuickCounter({ name, help, labelNames: ["app", label], register: registry });
    this.logins = counter("aldis_app_logins_total", "Logins by app and outcome, as in aldis_logins_total.", "outcome");
    this.sent = counter(
      "aldis_app_messages_total",
      "Messages and invitations of users that were taken, by app and operation.",
      "operation",
    );
    this.refusals = counter("aldis_app_refusals_total", "Calls of users that were refused, by app and code.", "code");
  }

  /** Shows what there is of each app. */
  watch(apps: AppFigures): void {
    this.gauge("aldis_app_sessions", "Sessions of this node by app.", () => apps.ids, apps.sessionsOf.bind(apps));
    this.gauge("aldis_app_channels", "Channels with members on this node by app.", () => apps.ids, apps.channelsOf.bind(apps));
  }

  onCall(app: string, operation: string, code: ErrorCode | undefined): void {
    if (code !== undefined) this.refusals.inc(app, errorTable[code].name);
    else if (messages.has(operation)) this.sent.inc(app, operation);
  }

  onLogin(app: string, outcome: string): void {
    this.logins.inc(app, outcome);
  }

  private gauge(name: string, help: string, apps: () => readonly string[], read: (app: string) => number): void {
    const gauge: Gauge = new Gauge({
      name,
      help,
      labelNames: ["app"],
      registers: [this.registry],
      collect() {
        gauge.reset();
        for (const app of apps()) gauge.set({ app }, read(app));
      },
    });
  }
}
