import { beforeEach, describe, expect, it } from "vitest";
import { TokenRights } from "../../../../gen/aldis/v1/admin_service.js";
import { GoodbyeReason } from "../../../../gen/aldis/v1/connection.js";
import { CallResult, ConnectResponse } from "../../../../gen/aldis/v1/stream.js";
import { defaultLimits } from "../../../../gen/aldis/v1/tables/limits.js";
import { eventEntry } from "../../../../src/server/event-entry.js";
import type { Fate } from "../../../../src/server/feature/live-session.js";
import type { Frame } from "../../../../src/server/session/frame.js";
import type { Link } from "../../../../src/server/session/link.js";
import { controlFrame, goodbyePatienceMs, Session } from "../../../../src/server/session/session.js";
import { segmentOf } from "../../../support/event-segment.js";
import { createManualRuntime, type ManualRuntime } from "../../../support/manual-runtime.js";
import { sessionServices } from "../../../support/session-services.js";

const limits = { ...defaultLimits, replayEvents: 2, replayBytes: 200 };
const identity = {
  id: "one",
  user: { appId: "app", userId: "alice" },
  epoch: 1,
  capabilities: new Set<never>(),
  endsAttributes: false,
  deviceLabel: "",
  client: "",
};
const notice = eventEntry({ $case: "memberJoined", value: { channel: "room", userId: "bob" } }, "members");
const bigResult = CallResult.create({
  callId: 1,
  outcome: { $case: "error", value: { message: "x".repeat(limits.replayBytes) } },
});
const welcome = controlFrame({ $case: "pong", value: { nonce: 0, serverTimeMs: 0 } });

class FakeLink implements Link {
  readonly address = "";
  readonly frames: ConnectResponse[] = [];
  readonly written: (() => void)[] = [];
  state: "open" | "ended" | "aborted" = "open";

  send({ bytes }: Frame, written: () => void): void {
    this.frames.push(ConnectResponse.decode(bytes));
    this.written.push(written);
  }

  end(): void {
    this.state = "ended";
  }

  abort(): void {
    if (this.state === "open") this.state = "aborted";
  }

  /** What was sent: the case of a control message, or the numbers of events and results. */
  get sent(): string[] {
    return this.frames.map(({ control, events, results }) => control?.$case ?? `${events.length}+${results.length}`);
  }
}

let runtime: ManualRuntime;
let session: Session;
let link: FakeLink;

beforeEach(() => {
  runtime = createManualRuntime();
  session = new Session(
    identity,
    { issuedAtMs: 0, expiresAtMs: 0, rights: TokenRights.create({}) },
    sessionServices(runtime.clock, limits),
  );
  link = new FakeLink();
  session.attach(link, welcome, 0);
});

describe("Session", () => {
  it("sends what a feed has before it ends, and takes nothing afterwards", () => {
    session.follow({ drain: () => expect(session.pushSegment(segmentOf([notice.bytes, notice.bytes]))).toBe(true) });

    session.end(GoodbyeReason.LOGOUT);

    expect(link.sent).toEqual(["pong", "2+0", "goodbye"]);
    expect(session.pushSegment(segmentOf([notice.bytes]))).toBe(false);
  });

  it("keeps what a feed has for a client who logs out and is still to be answered", () => {
    session.follow({ drain: () => expect(session.pushSegment(segmentOf([notice.bytes, notice.bytes]))).toBe(true) });

    session.seal();
    link.written[0]?.();
    session.outbox.flushAll();

    expect(link.sent).toEqual(["pong", "2+0"]);
    expect(session.push(notice)).toBe(false);
  });

  it("notes since when its queue is full of events while there is a link, and forgets it when there is room", () => {
    runtime.advance(10);
    session.push(notice);
    session.push(notice);
    link.written[0]?.();

    expect(session.life.fullSince).toBe(10);
    session.acknowledge({ events: 1, results: 0 });

    expect(session.life.fullSince).toBeUndefined();
  });

  it("notes since when its queue is full of results, which a client may leave unread too: bounded", () => {
    runtime.advance(10);
    session.pushResult(bigResult);

    expect(session.life.fullSince).toBe(10);
  });

  it("does not count the time without a link as slow, and counts anew with the next link", () => {
    session.push(notice);
    session.push(notice);
    session.detach(link);
    const between = session.life.fullSince;
    runtime.advance(500);
    session.attach(new FakeLink(), welcome, 0);

    expect([between, session.life.fullSince]).toEqual([undefined, 500]);
  });

  it("lets its memberships tell what they missed as soon as there is room again, and not before: no-silent-loss", () => {
    let told = 0;
    const channel = { appId: "app", channel: "room" };
    session.memberships.set("room", { channel, open() {}, tellMissed: () => ++told > 0 });
    session.push(notice);
    link.written[0]?.();
    session.acknowledge({ events: 1, results: 0 });
    const withRoom = told;
    session.push(notice);
    session.push(notice);
    link.written[1]?.();
    session.acknowledge({ events: 2, results: 0 });

    expect([withRoom, told]).toEqual([0, 1]);
  });

  it("ignores that a link is gone which another one has replaced", () => {
    const next = new FakeLink();
    session.attach(next, welcome, 0);

    session.detach(link);

    expect([session.usesLink(next), session.attached]).toEqual([true, true]);
  });

  it("sends all that waits before a goodbye, and ends the link when it is written", () => {
    session.push(notice);

    session.dropLink(GoodbyeReason.SERVER_DRAINING);
    const before = link.state;
    link.written.at(-1)?.();

    expect(link.sent).toEqual(["pong", "1+0", "goodbye"]);
    expect([before, link.state]).toEqual(["open", "ended"]);
  });

  it.each([GoodbyeReason.SLOW_CONSUMER, GoodbyeReason.STREAM_REPLACED])(
    "sends nothing but the goodbye with the reason %i",
    (reason) => {
      session.push(notice);

      session.dropLink(reason);

      expect(link.sent).toEqual(["pong", "goodbye"]);
      expect(session.attached).toBe(false);
    },
  );

  it("cuts a link on which the goodbye is never written", () => {
    session.dropLink(GoodbyeReason.SLOW_CONSUMER);

    runtime.advance(goodbyePatienceMs - 1);
    const before = link.state;
    runtime.advance(1);

    expect([before, link.state]).toEqual(["open", "aborted"]);
  });

  it("when it ends tells what waits, and refuses what comes after", () => {
    const fates: Fate[] = [];
    session.push(notice, (fate) => fates.push(fate));

    session.end(GoodbyeReason.LOGOUT);
    session.push(notice, (fate) => fates.push(fate));

    expect(fates).toEqual(["ended", "refused"]);
    expect(session.ended).toBe(true);
  });
});
