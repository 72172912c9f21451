import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { defaultLimits } from "../../../../../gen/aldis/v1/tables/limits.js";
import type { LogRange } from "../../../../../src/server/engine/ports/channel-log.js";
import { checkStore } from "../../../../../src/server/engine/store/inspection.js";
import { pageBytes } from "../../../../../src/server/engine/store/layout.js";
import { databaseFile, openStore } from "../../../../../src/server/engine/store/open-store.js";
import type { Store } from "../../../../../src/server/engine/store/store.js";
import { StoreRefused } from "../../../../../src/server/engine/store/store-refused.js";
import { segmentOf } from "../../../../support/segment.js";

const lobby = { appId: "app", channel: "lobby" };
const [logHeaderBytes, frameBytes] = [32, 24 + pageBytes];
const messageCount = 12;

function makeDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "aldis-power-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

const logFile = (dataDir: string) => `${databaseFile(dataDir)}-wal`;

function open(dataDir: string) {
  const options = {
    dataDir,
    limits: defaultLimits,
    maxBytes: Number.POSITIVE_INFINITY,
    minFreeBytes: 0,
    logBytes: 0,
    allowSharedDisk: true,
  };
  return openStore(options, { newId: () => "id", disk: { freeBytes: () => 2 ** 40, fileSystem: () => undefined } });
}

function call(store: Store, method: string, ...args: readonly unknown[]): unknown {
  const [answer] = store.run([{ port: "log", method, args, nowMs: 1 }]).answers;
  if (!answer?.ok) throw new Error(answer?.message);
  return answer.value;
}

/** The messages of the channel, by the number that each of them is. */
function read(store: Store): number[] {
  const { records } = call(store, "read", lobby, undefined, { limit: messageCount }) as LogRange;
  return records.map(({ message }) => message[0] ?? 0);
}

const firstNumbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

/** What is on disk after some messages, and how long the log of changes was when each of them was confirmed. */
function record() {
  const dataDir = makeDirectory();
  const { store, close } = open(dataDir);
  const confirmedAt = firstNumbers(messageCount).map((number) => {
    call(store, "append", lobby, segmentOf(new Uint8Array(100).fill(number)));
    return statSync(logFile(dataDir)).size;
  });
  const database = readFileSync(databaseFile(dataDir));
  const log = readFileSync(logFile(dataDir));
  close();
  return { dataDir, database, log, confirmedAt };
}

/** What a server finds that starts on these files. */
function startOn(database: Uint8Array, log: Uint8Array): number[] {
  const dataDir = makeDirectory();
  writeFileSync(databaseFile(dataDir), database);
  writeFileSync(logFile(dataDir), log);
  const { store, close } = open(dataDir);
  const found = read(store);
  close();
  expect(checkStore(dataDir)).toEqual([]);
  rmSync(dataDir, { recursive: true });
  return found;
}

describe("a power cut", () => {
  it("takes nothing whose commit was in the log, wherever the log ends", () => {
    const { database, log, confirmedAt } = record();
    const frames = (log.length - logHeaderBytes) / frameBytes;
    const boundaries = Array.from({ length: frames + 1 }, (_, frame) => logHeaderBytes + frame * frameBytes);

    for (const end of boundaries) {
      const confirmed = confirmedAt.filter((bytes) => bytes <= end).length;

      expect(startOn(database, log.subarray(0, end)), `a log of ${end} bytes`).toEqual(firstNumbers(confirmed));
    }
  });

  it("takes nothing that was confirmed when what followed is torn or half written", () => {
    const { database, log, confirmedAt } = record();
    const torn = fc.record({
      end: fc.integer({ min: 0, max: log.length }),
      rubbish: fc.uint8Array({ maxLength: 2 * frameBytes }),
    });

    fc.assert(
      fc.property(torn, ({ end, rubbish }) => {
        const confirmed = confirmedAt.filter((bytes) => bytes <= end).length;

        const found = startOn(database, Buffer.concat([log.subarray(0, end), rubbish]));

        expect(found).toEqual(firstNumbers(confirmed));
      }),
      { numRuns: 50 },
    );
  });

  it("leaves a store that goes on where it was", () => {
    const { database, log, confirmedAt } = record();
    const dataDir = makeDirectory();
    writeFileSync(databaseFile(dataDir), database);
    writeFileSync(logFile(dataDir), log.subarray(0, (confirmedAt[4] ?? 0) + 1000));
    const { store, close } = open(dataDir);

    expect(call(store, "append", lobby, segmentOf(Uint8Array.of(99)))).toMatchObject({ offset: 6 });

    expect(read(store)).toEqual([...firstNumbers(5), 99]);
    close();
  });
});

describe("a damaged file", () => {
  it("never gives a message that was not stored", () => {
    const { dataDir } = record();
    const whole = readFileSync(databaseFile(dataDir));
    const damage = fc.record({ at: fc.nat({ max: whole.length - 1 }), bits: fc.integer({ min: 1, max: 255 }) });

    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 3 }), (damages) => {
        const bytes = Buffer.from(whole);
        for (const { at, bits } of damages) bytes[at] = (bytes[at] ?? 0) ^ bits;

        const found = startOnDamaged(bytes);

        if (found !== "noticed") expect(firstNumbers(messageCount)).toEqual(expect.arrayContaining(found));
      }),
      { numRuns: 100 },
    );
  });

  it("is noticed when it is the name of a channel, in the table or in its index", () => {
    const { dataDir } = record();
    const whole = readFileSync(databaseFile(dataDir));
    const places = occurrences(whole, lobby.channel);

    const outcomes = places.map((at) => {
      const bytes = Buffer.from(whole);
      bytes.write("L", at);
      return startOnDamaged(bytes);
    });

    expect(places.length).toBeGreaterThan(1);
    expect(new Set(outcomes)).toEqual(new Set(["noticed"]));
  });
});

function occurrences(bytes: Buffer, text: string): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) places.push(at);
  return places;
}

/** What is read from a database that is damaged, or that this was noticed: at the start or at the read. */
function startOnDamaged(database: Uint8Array): number[] | "noticed" {
  const dataDir = makeDirectory();
  writeFileSync(databaseFile(dataDir), database);
  try {
    const { store, close } = open(dataDir);
    try {
      return read(store);
    } catch {
      return "noticed";
    } finally {
      close();
    }
  } catch (failure) {
    if (failure instanceof StoreRefused) return "noticed";
    throw failure;
  } finally {
    rmSync(dataDir, { recursive: true });
  }
}
