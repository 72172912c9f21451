import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { Invitation, InvitationState } from "../../../../../gen/aldis/v1/invitation.js";
import { defaultLimits } from "../../../../../gen/aldis/v1/tables/limits.js";
import { EngineExhausted, EngineUnavailable } from "../../../../../src/server/engine/ports/unavailable.js";
import { checksumOf } from "../../../../../src/server/engine/store/checksum.js";
import { createDurableEngine, type DurableEngineParts } from "../../../../../src/server/engine/store/durable-engine.js";
import { backUpStore, checkStore, storeStats } from "../../../../../src/server/engine/store/inspection.js";
import { migrate, migrations, schemaVersion } from "../../../../../src/server/engine/store/schema.js";
import { DatabaseSync } from "../../../../../src/server/engine/store/sqlite.js";
import { toColumn } from "../../../../../src/server/engine/store/text-column.js";
import { countOnce } from "../../../../../src/server/feature/retry.js";
import { createManualRuntime } from "../../../../support/manual-runtime.js";
import { storeInThisThread } from "../../../../support/store-in-this-thread.js";

const lobby = { appId: "app", channel: "lobby" };
const ada = { appId: "app", userId: "ada" };
const all = { limit: 1000 };
const record = { sender: "ada", message: new Uint8Array(1000).fill(7) };

async function makeDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "aldis-store-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}

async function open(dataDir: string, parts: Partial<DurableEngineParts> = {}) {
  const runtime = createManualRuntime();
  const healths: string[] = [];
  const observer = { onBatch() {}, onHealth: (health: string) => healths.push(health) };
  const limits = { ...defaultLimits, channelHistoryMessages: 100_000 };
  const engine = await createDurableEngine({ runtime, limits, dataDir, observer, start: storeInThisThread, ...parts });
  return { engine, runtime, healths };
}

function messageOf(messageId: string, expiresAtMs: number) {
  return { message: Uint8Array.of(1), sender: "bob", messageId, clientMessageId: "", receiptLater: false, expiresAtMs };
}

it("has one message of what is sent again, since the node remembers what it has sent", async () => {
  const { engine } = await open(await makeDirectory());
  const append = () => engine.log.append(lobby, { ...record, once: "m1" });
  const send = () => countOnce(engine.retries, ada, "channel/lobby", "m1", append);

  const [first, meanwhile] = await Promise.all([send(), send()]);
  const later = await send();

  expect([meanwhile, later]).toEqual([first, first]);
  expect(await engine.log.head(lobby)).toEqual({ ...first, offset: 1 });
  await engine.close();
});

it("leaves the disk alone while nobody stores anything", async () => {
  const dataDir = await makeDirectory();
  const { engine, runtime } = await open(dataDir);
  const onlooker = new DatabaseSync(join(dataDir, "aldis.db"));
  const version = () => onlooker.prepare("PRAGMA data_version").get();
  await engine.log.append(lobby, record);
  // The message grows old and goes.
  await runtime.advanceAsync(defaultLimits.channelHistoryAgeMs + 5000);
  const before = version();

  await runtime.advanceAsync(60_000);
  const after = version();
  await engine.log.append(lobby, record);

  expect(after).toEqual(before);
  expect(version()).not.toEqual(before);
  onlooker.close();
  await engine.close();
});

describe("the durable engine over a restart", () => {
  it("keeps messages, positions, attributes, bans, and invitations with their timers", async () => {
    const dataDir = await makeDirectory();
    const { engine: first, runtime } = await open(dataDir);
    const position = await first.log.append(lobby, record);
    const untilMs = runtime.clock.now() + 60_000;
    await first.inbox.append(ada, messageOf("m1", untilMs));
    const timer = { dueAtMs: untilMs, idle: true };
    const write = { replaceAll: false, set: new Map([["a", "1"]]), remove: [], userId: "ada", atMs: 1, timer };
    await first.attributes.write({ kind: "user", key: ada }, write);
    await first.bans.set({ user: ada, channel: "", untilMs: 0, note: "", setAtMs: 1 });
    const invitation = Invitation.fromPartial({ invitationId: "i", version: 1, state: InvitationState.SENT, caller: "ada" });
    const patience = { offlineMs: 1, receiveMs: 2, answerMs: 3 };
    await first.invitations.create({ appId: "app", invitation, dueAtMs: untilMs, uniqueKey: "", patience });
    await first.close();

    const { engine: second } = await open(dataDir);

    expect(await second.log.read(lobby, undefined, all)).toMatchObject({ head: position, records: [{ offset: 1, ...record }] });
    expect(await second.log.append(lobby, record)).toEqual({ epoch: position.epoch, offset: 2 });
    expect(await second.inbox.read(ada, 0, 10)).toMatchObject([{ messageId: "m1" }]);
    expect(await second.attributes.due(untilMs, 10)).toEqual([{ owner: { kind: "user", key: ada }, timer }]);
    expect(await second.bans.find(ada, "", 1)).toBeDefined();
    expect(await second.invitations.due(untilMs, 10)).toMatchObject([{ invitation: { invitationId: "i" } }]);
    await second.close();
  });

  it("never gives a sequence again, also when the last message was removed before", async () => {
    const dataDir = await makeDirectory();
    const { engine: first, runtime } = await open(dataDir);
    const expiresAtMs = runtime.clock.now() + 60_000;
    await first.inbox.append(ada, messageOf("m1", expiresAtMs));
    const [former] = await first.inbox.read(ada, 0, 1);
    await first.inbox.acknowledge(ada, [former?.sequence ?? 0]);
    await first.close();

    const { engine: second } = await open(dataDir);
    await second.inbox.append(ada, messageOf("m2", expiresAtMs));

    expect(await second.inbox.read(ada, former?.sequence ?? 0, 10)).toMatchObject([{ messageId: "m2" }]);
    await second.close();
  });

  it("keeps the epoch of a channel that nobody has written to, once it was swept", async () => {
    const dataDir = await makeDirectory();
    const { engine: first, runtime } = await open(dataDir);
    const head = await first.log.head(lobby);
    await runtime.advanceAsync(1000);
    await first.close();

    const { engine: second } = await open(dataDir);

    expect(await second.log.head(lobby)).toEqual(head);
    await second.close();
  });

  it("works in a thread of its own", async () => {
    const dataDir = await makeDirectory();
    const { engine } = await open(dataDir, { start: undefined });

    const positions = await Promise.all(Array.from({ length: 50 }, () => engine.log.append(lobby, record)));

    expect(positions.map(({ offset }) => offset)).toEqual(positions.map((_, index) => index + 1));
    expect(storeStats(dataDir)).toMatchObject({ channelMessages: 50 });
    await expect(open(dataDir, { start: undefined })).rejects.toThrow(`in use by another server (process ${process.pid})`);
    await engine.close();
  });
});

describe("the durable engine on a bad disk", () => {
  it("refuses what must be stored while the disk is full, goes on reading, and recovers by itself", async () => {
    const dataDir = await makeDirectory();
    const { engine, runtime, healths } = await open(dataDir, { maxBytes: 400_000 });
    let stored = 0;
    const fill = async () => {
      for (; stored < 10_000; stored += 1) await engine.log.append(lobby, record);
    };

    await expect(fill()).rejects.toThrow(EngineExhausted);

    expect(engine.health()).toBe("full");
    expect(healths).toEqual(["full"]);
    expect((await engine.log.read(lobby, undefined, { limit: 100_000 })).records).toHaveLength(stored);
    expect(await engine.log.head({ appId: "app", channel: "new" })).toMatchObject({ offset: 0 });
    await expect(engine.inbox.acknowledge(ada, [1])).rejects.toThrow(EngineExhausted);
    await runtime.advanceAsync(defaultLimits.channelHistoryAgeMs + 3000);
    expect(engine.health()).toBe("ok");
    expect(await engine.log.append(lobby, record)).toMatchObject({ offset: stored + 1 });
    await engine.close();
  });

  it("stops for good when a record is damaged, and gives no wrong data", async () => {
    const dataDir = await makeDirectory();
    const { engine: first } = await open(dataDir);
    await first.log.append(lobby, record);
    await first.close();
    const database = new DatabaseSync(join(dataDir, "aldis.db"));
    database.exec("UPDATE channel_segments SET messages = x'00'");
    database.close();

    const { engine: second, healths } = await open(dataDir);

    await expect(second.log.read(lobby, undefined, all)).rejects.toThrow(EngineUnavailable);
    expect(second.health()).toBe("failed");
    await expect(second.log.append(lobby, record)).rejects.toThrow(EngineUnavailable);
    expect(healths).toEqual(["failed"]);
    expect(checkStore(dataDir)).toEqual(["a stored message of a channel does not match its checksum"]);
    await second.close();
  });

  it("refuses a damaged file at the start, and says what to do", async () => {
    const dataDir = await makeDirectory();
    const { engine } = await open(dataDir);
    await engine.log.append(lobby, record);
    await engine.close();
    const file = join(dataDir, "aldis.db");
    const bytes = await readFile(file);
    await writeFile(file, bytes.fill(0xff, 4096, 12_288));

    await expect(open(dataDir)).rejects.toThrow(/is damaged.*Put a backup in its place/);
  });

  it("refuses a database of a newer version, and a directory that cannot be made", async () => {
    const dataDir = await makeDirectory();
    const database = new DatabaseSync(join(dataDir, "aldis.db"));
    database.exec("PRAGMA user_version = 999");
    database.close();

    await expect(open(dataDir)).rejects.toThrow(/newer version of Aldis \(schema 999/);
    await expect(open(join(dataDir, "aldis.db", "below"))).rejects.toThrow(/cannot be written.*--data-dir/);
  });

  it("refuses what is too much to wait", async () => {
    const dataDir = await makeDirectory();
    const { engine } = await open(dataDir);

    const outcomes = await Promise.allSettled(Array.from({ length: 20_100 }, () => engine.log.head(lobby)));

    expect(outcomes.filter(({ status }) => status === "rejected")).toHaveLength(100);
    await engine.close();
  });
});

describe("the schema", () => {
  it("goes on where a migration was broken off, whichever step that was", () => {
    const steps = ["CREATE TABLE a (x)", "CREATE TABLE b (x); INSERT INTO a VALUES (1)", "DROP TABLE b"];
    for (const broken of steps.keys()) {
      const database = new DatabaseSync(":memory:");
      const failing = steps.map((step, index) => (index === broken ? `${step}; SELECT * FROM missing` : step));

      expect(() => migrate(database, failing)).toThrow("missing");
      expect(schemaVersion(database)).toBe(broken);
      migrate(database, steps);

      expect(schemaVersion(database)).toBe(steps.length);
      expect(database.prepare("SELECT count(*) AS count FROM a").get()).toMatchObject({ count: 1 });
      database.close();
    }
  });

  it("looks once after attributes of channels that were stored before they had timers, and keeps those of users", () => {
    const database = new DatabaseSync(":memory:");
    migrate(database, migrations.slice(0, 1));
    const insert = "INSERT INTO attribute_sets (kind, app, id, revision, attributes, checksum) VALUES (?, '', '', 1, x'', 0)";
    for (const kind of ["user", "channel"]) database.prepare(insert).run(kind);

    migrate(database);

    const due = database.prepare("SELECT kind FROM attribute_sets WHERE due_at <= 0 AND idle = 0").all();
    expect(due).toMatchObject([{ kind: "channel" }]);
    database.close();
  });

  it("gives invitations that ended before they had timers none, and keeps those of live ones", () => {
    const database = new DatabaseSync(":memory:");
    migrate(database, migrations.slice(0, 3));
    const insert = `INSERT INTO invitations
      (app, id, caller, callee, version, due_at, ended_at, offline_ms, receive_ms, answer_ms, invitation, checksum)
      VALUES ('', ?, '', '', 1, ?, ?, 0, 0, 0, x'', 0)`;
    database.prepare(insert).run("live", 5, null);
    database.prepare(insert).run("ended", null, 4);

    migrate(database);

    const due = database.prepare("SELECT id FROM invitations WHERE due_at <= 5 ORDER BY due_at, number");
    expect(due.all()).toMatchObject([{ id: "live" }]);
    const plan = database.prepare("EXPLAIN QUERY PLAN SELECT id FROM invitations WHERE due_at <= 5 ORDER BY due_at, number");
    expect(plan.all()).toMatchObject([{ detail: expect.stringContaining("USING INDEX invitation_due") }]);
    database.close();
  });
});

describe("messages that were stored one by one, before schema 5", () => {
  /** A database of schema 4 with two messages of a channel; the second one may be damaged. */
  async function formerStore({ damaged = false } = {}): Promise<string> {
    const dataDir = await makeDirectory();
    const database = new DatabaseSync(join(dataDir, "aldis.db"));
    migrate(database, migrations.slice(0, 4));
    const channel = "INSERT INTO channels (app, channel, epoch, head, used_at) VALUES (?, ?, 'former', 2, 1e15)";
    database.prepare(channel).run(toColumn("app"), toColumn("lobby"));
    const insert = database.prepare(
      'INSERT INTO channel_messages (channel, "offset", sender, message, checksum, stored_at) VALUES (1, ?, ?, ?, ?, ?)',
    );
    for (const [offset, message] of [Uint8Array.of(10), Uint8Array.of(20)].entries()) {
      const sender = toColumn(`user \u0000${offset}`);
      const checksum = checksumOf(message, 1, offset + 1, sender) + (damaged ? offset : 0);
      insert.run(offset + 1, sender, message, checksum, 1e15 + offset);
    }
    database.close();
    return dataDir;
  }

  it("are there with their places", async () => {
    const { engine } = await open(await formerStore());

    expect(await engine.log.read(lobby, undefined, all)).toEqual({
      records: [
        { offset: 1, sender: "user \u00000", message: Uint8Array.of(10) },
        { offset: 2, sender: "user \u00001", message: Uint8Array.of(20) },
      ],
      ...{ head: { epoch: "former", offset: 2 }, more: false, gap: false },
    });
    expect(await engine.log.append(lobby, record)).toEqual({ epoch: "former", offset: 3 });
    await engine.close();
  });

  it("are refused, and left as they are, if one is damaged", async () => {
    const dataDir = await formerStore({ damaged: true });

    await expect(open(dataDir)).rejects.toThrow(/damaged: a stored message of a channel.*Put a backup in its place/);

    const database = new DatabaseSync(join(dataDir, "aldis.db"));
    expect(schemaVersion(database)).toBe(4);
    expect(database.prepare("SELECT count(*) AS count FROM channel_messages").get()).toMatchObject({ count: 2 });
    database.close();
  });
});

describe("the operator's tools", () => {
  it("copy a store that is in use, to a file that is a store", async () => {
    const dataDir = await makeDirectory();
    const copyDir = await makeDirectory();
    const { engine } = await open(dataDir);
    const head = await engine.log.append(lobby, record);
    const file = join(copyDir, "backup.db");

    await backUpStore(dataDir, file);

    await expect(backUpStore(dataDir, file)).rejects.toThrow("exists already");
    await copyFile(file, join(copyDir, "aldis.db"));
    expect(checkStore(copyDir)).toEqual([]);
    expect(storeStats(copyDir)).toMatchObject({ channelMessages: 1, schema: migrations.length });
    const { engine: restored } = await open(copyDir);
    expect(await restored.log.head(lobby)).toEqual(head);
    await restored.close();
    await engine.close();
  });
});
