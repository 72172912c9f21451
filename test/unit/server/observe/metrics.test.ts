import { beforeEach, describe, expect, it } from "vitest";
import { DeliveryStatus } from "../../../../gen/aldis/node/v1/node.js";
import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import { SessionStart } from "../../../../gen/aldis/v1/session.js";
import { Metrics } from "../../../../src/server/observe/metrics.js";
import { Registry } from "../../../../src/server/session/registry.js";

let metrics: Metrics;

beforeEach(() => {
  metrics = new Metrics(new Registry(), { utilization: 0.25 });
});

async function lines(): Promise<string[]> {
  return (await metrics.text()).text.split("\n");
}

describe("Metrics", () => {
  it("are text that Prometheus reads, with a line of help for each figure", async () => {
    const { type, text } = await metrics.text();
    const names = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name);

    expect(type).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) expect(text).toMatch(new RegExp(`^# HELP ${name} .+\\.$`, "m"));
  });

  it("read the figures of a real registry each time they are asked for", async () => {
    expect(await lines()).toEqual(
      expect.arrayContaining([
        "aldis_sessions 0",
        "aldis_sessions_attached 0",
        "aldis_queued_bytes 0",
        "aldis_event_loop_utilization 0.25",
      ]),
    );
  });

  it("read the present state and not that of the beginning", async () => {
    const state = {
      count: 1,
      sessions() {
        return this.count;
      },
      attachedSessions: () => 0,
      queuedBytes: () => 0,
    };
    metrics = new Metrics(state, { utilization: 0 });
    state.count = 5;

    expect(await lines()).toContain("aldis_sessions 5");
  });

  it("count calls by operation and outcome, in seconds", async () => {
    metrics.onCall("JoinChannel", undefined, 250);
    metrics.onCall("JoinChannel", ErrorCode.RATE_LIMITED, 1);

    expect(await lines()).toEqual(
      expect.arrayContaining([
        'aldis_call_seconds_sum{operation="JoinChannel",code="OK"} 0.25',
        'aldis_call_seconds_count{operation="JoinChannel",code="RATE_LIMITED"} 1',
      ]),
    );
  });

  it("count the events and bytes of batches, and faults", async () => {
    metrics.onBatch(3, 100);
    metrics.onBatch(0, 20);
    metrics.onFailure();

    expect(await lines()).toEqual(
      expect.arrayContaining([
        "aldis_events_sent_total 3",
        "aldis_batch_bytes_total 120",
        "aldis_batch_events_count 2",
        'aldis_batch_events_bucket{le="0"} 1',
        "aldis_failures_total 1",
      ]),
    );
  });

  it("count flushes by how long they waited, in seconds, and the links of slow consumers", async () => {
    metrics.onFlush(40);
    metrics.onSlowConsumer();

    expect(await lines()).toEqual(
      expect.arrayContaining(['aldis_flush_delay_seconds_bucket{le="0.05"} 1', "aldis_slow_consumers_total 1"]),
    );
  });

  it("count logins by how they began or why they were refused", async () => {
    metrics.onLogin(SessionStart.NEW, "shop");
    metrics.onLogin(SessionStart.RESUMED, "shop");
    metrics.onLogin(SessionStart.RESUMED, "news");
    metrics.onLoginRefused(ErrorCode.TOKEN_EXPIRED, "shop");
    metrics.onLoginRefused(ErrorCode.INVALID_APP_ID, undefined);

    expect(await lines()).toEqual(
      expect.arrayContaining([
        'aldis_logins_total{outcome="NEW"} 1',
        'aldis_logins_total{outcome="RESUMED"} 2',
        'aldis_logins_total{outcome="TOKEN_EXPIRED"} 1',
        'aldis_logins_total{outcome="INVALID_APP_ID"} 1',
        'aldis_app_logins_total{app="news",outcome="RESUMED"} 1',
        'aldis_app_logins_total{app="shop",outcome="TOKEN_EXPIRED"} 1',
      ]),
    );
    expect((await lines()).filter((line) => /^aldis_app_.*INVALID_APP_ID/.test(line))).toEqual([]);
  });

  it("count messages and refusals by app, and show only apps that are served", async () => {
    const apps = { ids: ["news", "shop"], sessionsOf: (app: string) => app.length, channelsOf: () => 2 };
    metrics.apps.watch(apps);
    metrics.onCall("SendPeerMessage", undefined, 1, "shop");
    metrics.onCall("JoinChannel", undefined, 1, "shop");
    metrics.onCall("JoinChannel", ErrorCode.RATE_LIMITED, 1, "shop");
    metrics.onCall("KickUser", ErrorCode.NOT_FOUND, 1);
    const before = await lines();
    apps.ids = ["shop"];

    expect(before.filter((line) => line.startsWith("aldis_app_"))).toEqual([
      'aldis_app_messages_total{app="shop",operation="SendPeerMessage"} 1',
      'aldis_app_refusals_total{app="shop",code="RATE_LIMITED"} 1',
      "aldis_app_server_messages_waiting 0",
      'aldis_app_sessions{app="news"} 4',
      'aldis_app_sessions{app="shop"} 4',
      'aldis_app_channels{app="news"} 2',
      'aldis_app_channels{app="shop"} 2',
    ]);
    expect((await lines()).filter((line) => line.includes("news"))).toEqual([]);
  });

  it("count deliveries by outcome, in seconds", async () => {
    metrics.onDelivery(DeliveryStatus.ACKNOWLEDGED, 50);

    expect(await lines()).toEqual(
      expect.arrayContaining([
        'aldis_delivery_seconds_bucket{le="0.02",outcome="ACKNOWLEDGED"} 0',
        'aldis_delivery_seconds_bucket{le="0.1",outcome="ACKNOWLEDGED"} 1',
      ]),
    );
  });

  it("tell when the certificate ends", async () => {
    metrics.watchCertificate({ expiresAtMs: 3_000 });

    expect(await lines()).toContain("aldis_certificate_expiry_timestamp_seconds 3");
  });

  it("of two nodes in one process do not mix", async () => {
    new Metrics(new Registry(), { utilization: 0.25 }).onFailure();

    expect(await lines()).toContain("aldis_failures_total 0");
  });
});

describe("the metrics of a store", () => {
  it("tell whether it takes what must be stored, and how much room there is", async () => {
    let health: "ok" | "full" = "ok";
    metrics.watchStore({ health: () => health, freeBytes: () => 42, waitingCalls: () => 7 });
    expect(await lines()).toEqual(
      expect.arrayContaining(["aldis_store_ready 1", "aldis_store_free_bytes 42", "aldis_store_waiting_calls 7"]),
    );

    health = "full";

    expect(await lines()).toContain("aldis_store_ready 0");
  });
});

describe("the metrics of a node whose channel logs are in memory or on Redis", () => {
  it("tell which messages wait to be appended", async () => {
    const waiting = { messages: 0, bytes: 0 };
    metrics.watchAppends(waiting);
    Object.assign(waiting, { messages: 3, bytes: 40 });

    expect(await lines()).toEqual(
      expect.arrayContaining(["aldis_channel_log_waiting_messages 3", "aldis_channel_log_waiting_bytes 40"]),
    );
  });
});

describe("the metrics of a node on Redis", () => {
  it("tell what waits between the nodes, by direction", async () => {
    let deafTopics = 0;
    const [incomingMail, outgoingMail] = [
      { messages: 1, bytes: 20 },
      { messages: 3, bytes: 40 },
    ];
    metrics.watchRedis({
      get deafTopics() {
        return deafTopics;
      },
      incomingMail,
      outgoingMail,
    });
    deafTopics = 2;

    expect(await lines()).toEqual(
      expect.arrayContaining([
        "aldis_redis_deaf_topics 2",
        'aldis_node_mail_waiting_messages{direction="in"} 1',
        'aldis_node_mail_waiting_messages{direction="out"} 3',
        'aldis_node_mail_waiting_bytes{direction="in"} 20',
        'aldis_node_mail_waiting_bytes{direction="out"} 40',
      ]),
    );
  });
});
