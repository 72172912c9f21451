import { beforeEach, describe, expect, it } from "vitest";
import { PeerMessage } from "../../../../../gen/aldis/v1/message.js";
import { defaultLimits } from "../../../../../gen/aldis/v1/tables/limits.js";
import type { InboxMessage } from "../../../../../src/server/engine/ports/inbox.js";
import { EngineUnavailable } from "../../../../../src/server/engine/ports/unavailable.js";
import { PeerFeed } from "../../../../../src/server/feature/inbox/peer-feed.js";
import type { Fate } from "../../../../../src/server/feature/live-session.js";
import { Unfinished } from "../../../../../src/server/feature/unfinished.js";
import { createManualRuntime, type ManualRuntime } from "../../../../support/manual-runtime.js";
import { QueuedSession } from "../../../../support/queued-session.js";

let runtime: ManualRuntime;
let session: QueuedSession;
let feed: PeerFeed;
/** What the inbox has, and whether it can be read. */
let stored: InboxMessage[];
let inboxFails: boolean;
let acknowledged: number[][];
let failures: unknown[];
let fates: string[];

beforeEach(() => {
  [stored, acknowledged, failures, fates, inboxFails] = [[], [], [], [], false];
  runtime = createManualRuntime();
  session = new QueuedSession("bob");
  const inbox = {
    async read(_: unknown, after: number, limit: number) {
      if (inboxFails) throw new EngineUnavailable("the disk is full");
      return stored.filter(({ sequence }) => sequence > after).slice(0, limit);
    },
    append: async () => ({ dropped: [] }),
    acknowledge: async () => [],
    expire: async () => [],
  };
  const report = (failure: unknown) => failures.push(failure);
  const unfinished = new Unfinished(runtime.clock, report);
  unfinished.start();
  feed = new PeerFeed(session, {
    inbox,
    clock: runtime.clock,
    limits: { ...defaultLimits, replayEvents: 4, replayBytes: 400 },
    acknowledged: async (sequences) => void acknowledged.push([...sequences]),
    unfinished,
    report,
  });
});

function messageOf(messageId: string, length = 10, serverTimeMs = 0): PeerMessage {
  return PeerMessage.create({
    sender: "alice",
    serverTimeMs,
    messageId,
    payload: { content: { $case: "text", value: "x".repeat(length) } },
  });
}

function store(messageId: string, length = 10, serverTimeMs = 0): void {
  const message = PeerMessage.encode({ ...messageOf(messageId, length, serverTimeMs), stored: true }).finish();
  const sequence = stored.length + 1;
  stored.push({ sequence, message, sender: "alice", messageId, clientMessageId: "", receiptLater: false, expiresAtMs: 1 });
}

function deliver(messageId: string): void {
  feed.deliver(messageOf(messageId), (fate: Fate) => fates.push(`${messageId} ${fate}`));
}

async function onNews(): Promise<void> {
  feed.onNews();
  await runtime.settle();
}

/** Stores a message in an inbox that cannot be read from now on. */
async function storeUnreadable(messageId: string): Promise<void> {
  store(messageId);
  inboxFails = true;
  await onNews();
}

/** What the session's queue has got, in order. */
const queued = () => session.events.map((event) => event.$case === "peerMessage" && event.value.messageId);

describe("PeerFeed", () => {
  it("queues what is stored before what comes meanwhile, and then what comes at once", async () => {
    for (const id of ["s1", "s2"]) store(id);

    feed.onNews();
    deliver("l1");
    expect(queued()).toEqual([]);
    await runtime.settle();
    deliver("l2");

    expect(queued()).toEqual(["s1", "s2", "l1", "l2"]);
  });

  it("holds live messages back again when something is stored", async () => {
    await onNews();
    deliver("l1");
    store("s1");

    feed.onNews();
    deliver("l2");
    await runtime.settle();

    expect(queued()).toEqual(["l1", "s1", "l2"]);
  });

  it("fills at most half of the queue's bytes, and goes on when the client acknowledges", async () => {
    for (const id of ["s1", "s2", "s3"]) store(id, 100);
    await onNews();
    expect(queued()).toEqual(["s1"]);

    session.settlers[0]?.("acknowledged");
    await runtime.settle();

    expect(queued()).toEqual(["s1", "s2"]);
  });

  it("goes on when a full queue has room again, and loses nothing that it has held back", async () => {
    store("s1");
    session.room = 0;
    await onNews();
    deliver("l1");

    session.room = 1;
    for (const task of session.roomTasks.splice(0)) task();
    await runtime.settle();
    expect(queued()).toEqual(["s1"]);
    session.room = 1;
    for (const task of session.roomTasks.splice(0)) task();
    await runtime.settle();

    expect(queued()).toEqual(["s1", "l1"]);
    expect(fates).toEqual([]);
  });

  it("peer-order: sends what it has held back before what its sender stored later", async () => {
    store("s1");
    feed.onNews();
    deliver("l2");
    store("s3", 10, 1);

    await runtime.settle();

    expect(queued()).toEqual(["s1", "l2", "s3"]);
  });

  it("refuses what is beyond the bounds of what is held back", () => {
    feed.onNews();

    for (const id of ["l1", "l2", "l3", "l4", "l5"]) deliver(id);

    expect(fates).toEqual(["l5 refused"]);
  });

  it("removes what is acknowledged in one step together", async () => {
    for (const id of ["s1", "s2"]) store(id);
    await onNews();

    for (const settled of session.settlers) settled("acknowledged");
    await runtime.settle();

    expect(acknowledged).toEqual([[1, 2]]);
  });

  it("no-duplicate: sends no copy of a message that is in the queue, and removes it with that one's acknowledgement", async () => {
    await onNews();
    deliver("m1");
    store("m1");
    await onNews();
    expect(queued()).toEqual(["m1"]);

    session.settlers[0]?.("acknowledged");
    await runtime.settle();

    expect(acknowledged).toEqual([[1]]);
    expect(fates).toEqual(["m1 acknowledged"]);
  });

  it("no-duplicate: sends the copy of a message that it holds back in its place", async () => {
    for (const id of ["m1", "s2"]) store(id);

    feed.onNews();
    deliver("m1");
    await runtime.settle();
    session.settlers[0]?.("acknowledged");

    expect(queued()).toEqual(["m1", "s2"]);
    expect(fates).toEqual(["m1 acknowledged"]);
  });

  it("peer-order: holds live messages back while the inbox cannot be read, and tries again", async () => {
    await storeUnreadable("s1");
    deliver("l1");
    await runtime.advanceAsync(29_999);
    deliver("l2");
    expect(queued()).toEqual([]);
    inboxFails = false;

    await runtime.advanceAsync(1_000);
    deliver("l3");

    expect(queued()).toEqual(["s1", "l1", "l2", "l3"]);
    expect(failures).toEqual([]);
  });

  it("no-silent-loss: lets live messages pass when the inbox cannot be read for half a minute, until it can", async () => {
    await storeUnreadable("s1");
    deliver("l1");
    await runtime.advanceAsync(30_000);
    deliver("l2");
    expect(queued()).toEqual(["l1", "l2"]);
    inboxFails = false;

    await runtime.advanceAsync(1_000);
    deliver("l3");
    const together = queued();
    // One failure later is one to wait for again.
    inboxFails = true;
    await onNews();
    deliver("l4");

    expect([together, queued()]).toEqual([
      ["l1", "l2", "s1", "l3"],
      ["l1", "l2", "s1", "l3"],
    ]);
    expect(failures).toEqual([]);
  });

  it("reads the inbox at the next news, too, and queues nothing twice when it is tried again", async () => {
    await storeUnreadable("s1");
    inboxFails = false;

    await onNews();
    const before = queued();
    await runtime.advanceAsync(1_000);
    deliver("l1");

    expect([before, queued()]).toEqual([["s1"], ["s1", "l1"]]);
  });

  it("reports a stored message that cannot be read, and goes on behind it", async () => {
    store("s1");
    stored[0] = { ...(stored[0] as InboxMessage), message: Uint8Array.of(255) };
    store("s2");

    await onNews();

    expect(failures).toHaveLength(1);
    expect(queued()).toEqual(["s2"]);
  });

  it("gives back what it holds when the session ends", async () => {
    store("s1");
    session.room = 0;
    await onNews();
    deliver("l1");

    session.ended = true;
    for (const task of session.roomTasks.splice(0)) task();

    expect(fates).toEqual(["l1 ended"]);
  });
});
