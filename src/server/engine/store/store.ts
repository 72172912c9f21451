import type { Limits } from "../../../../gen/aldis/v1/tables/limits.js";
import { messageOf } from "../../message-of.js";
import type { StoreHealth } from "../ports/health.js";
import { type BatchAnswer, calls, type PortName, type StoreAnswer, type StoreCall } from "./calls.js";
import { kindOf } from "./failure.js";
import type { FreeSpace } from "./free-space.js";
import { Sql } from "./sql.js";
import type { Connection } from "./sqlite.js";
import { AttributeTable } from "./tables/attribute-table.js";
import { BanTable } from "./tables/ban-table.js";
import { ChannelLogTable } from "./tables/channel-log-table.js";
import { InboxTable } from "./tables/inbox-table.js";
import { InvitationTable } from "./tables/invitation-table.js";
import { RevocationTable } from "./tables/revocation-table.js";

/** The records of each kind that one sweep forgets at most, so that no call waits long for it. */
const sweepStep = 500;
/** The pages that one sweep gives back to the disk at most: 1 MiB. */
const vacuumPages = 256;
/** What must fit onto the disk before it counts as having room again. */
const probeBytes = 65_536;

/** What is done all the same when the store is not well. */
const goesOn: { readonly [Health in "full" | "failed"]: readonly string[] } = { full: ["read", "upkeep"], failed: ["read"] };

export interface StoreParts {
  readonly connection: Connection;
  readonly limits: Limits;
  readonly newId: () => string;
  readonly freeSpace: FreeSpace;
}

/**
 * The tables of one database, and the transactions on them. Calls block. A batch is one transaction, so its calls share one
 * sync. A disk that is full, or nearly so, makes the store refuse writes until a sweep finds room; after any other failure of the
 * disk it refuses them for good, since nobody knows what is on it.
 */
export class Store {
  readonly #connection: Connection;
  readonly #sql: Sql;
  readonly #tables;
  readonly #freeSpace: FreeSpace;
  #health: StoreHealth = "ok";
  /** What made the store unwell. Empty while it is well. */
  #reason = "";
  #nowMs = 0;
  /** Whether the probe may be on disk: a former life may have left it there. */
  #hasProbe = true;

  constructor({ connection, limits, newId, freeSpace }: StoreParts) {
    this.#connection = connection;
    this.#sql = new Sql(connection);
    this.#freeSpace = freeSpace;
    const parts = { sql: this.#sql, now: () => this.#nowMs, limits, newId };
    this.#tables = {
      attributes: new AttributeTable(parts),
      bans: new BanTable(parts),
      inbox: new InboxTable(parts),
      invitations: new InvitationTable(parts),
      log: new ChannelLogTable(parts),
      revocations: new RevocationTable(parts),
      upkeep: { sweep: () => this.#sweep() },
    };
  }

  /** Does a batch of calls. Never throws. */
  run(batch: readonly StoreCall[]): BatchAnswer {
    const answers = this.#together(batch) ?? batch.map((call) => this.#alone(call));
    return { answers, health: this.#health, reason: this.#reason, freeBytes: this.#freeSpace.bytes };
  }

  /** Reads every record, and throws `DamagedRecord` for one that is damaged. */
  verify(): void {
    const { attributes, inbox, invitations, log } = this.#tables;
    for (const table of [attributes, inbox, invitations, log]) table.verify();
  }

  /** All calls in one transaction. Undefined, and nothing is done, if one of them fails or the store is not well. */
  #together(batch: readonly StoreCall[]): StoreAnswer[] | undefined {
    if (this.#health !== "ok") return undefined;
    try {
      const answers = this.#transact(() => batch.map((call) => ({ ok: true as const, value: this.#do(call) })));
      if (batch.some((call) => accessOf(call) === "upkeep")) this.#lookForRoom();
      return answers;
    } catch (failure) {
      this.#judge(failure);
      return undefined;
    }
  }

  #alone(call: StoreCall): StoreAnswer {
    const access = accessOf(call);
    const health = this.#health;
    if (health !== "ok" && !goesOn[health].includes(access)) return { ok: false, kind: health, message: this.#reason };
    try {
      const value = this.#transact(() => this.#do(call));
      if (access === "upkeep") this.#lookForRoom();
      return { ok: true, value };
    } catch (failure) {
      return { ok: false, kind: this.#judge(failure), message: messageOf(failure) };
    }
  }

  #judge(failure: unknown) {
    const kind = kindOf(failure);
    if (kind !== "fault" && this.#health !== "failed") this.#setHealth(kind, messageOf(failure));
    return kind;
  }

  #setHealth(health: StoreHealth, reason = ""): void {
    this.#health = health;
    this.#reason = reason;
  }

  /** Stops before the last bytes of the disk, which the sweep and whatever else runs on this machine need. */
  #lookForRoom(): void {
    try {
      const shortage = this.#freeSpace.shortage();
      this.#setHealth(shortage === undefined ? "ok" : "full", shortage);
    } catch (failure) {
      // A directory that has gone takes along what is written from now on.
      this.#setHealth("failed", messageOf(failure));
    }
  }

  #do({ port, method, args, nowMs }: StoreCall): unknown {
    this.#nowMs = nowMs;
    // The caller's types hold the arguments to the method.
    const table = this.#tables[port] as unknown as Record<string, (...args: readonly unknown[]) => unknown>;
    return table[method]?.(...args);
  }

  #transact<T>(work: () => T): T {
    this.#sql.run("BEGIN");
    try {
      const result = work();
      this.#tables.log.settle();
      this.#sql.run("COMMIT");
      this.#tables.log.committed();
      return result;
    } catch (failure) {
      this.#rollBack();
      this.#tables.log.rolledBack();
      throw failure;
    }
  }

  /** A failed disk can refuse this too; then the failure that led here says enough. */
  #rollBack(): void {
    try {
      // SQLite has done it itself after some failures.
      if (this.#connection.isTransaction) this.#connection.exec("ROLLBACK");
    } catch (failure) {
      this.#setHealth("failed", messageOf(failure));
    }
  }

  #sweep(): void {
    // To delete from an empty table is a write too, and a store that nobody uses must leave the disk alone.
    if (this.#hasProbe) this.#sql.run("DELETE FROM probe");
    this.#tables.log.sweep(sweepStep);
    this.#tables.bans.sweep(sweepStep);
    this.#giveBackPages();
    // It must be on disk before it is deleted, so that goes with the next sweep.
    this.#hasProbe = this.#health === "full";
    if (this.#hasProbe) this.#sql.run("INSERT INTO probe (filler) VALUES (zeroblob(?))", probeBytes);
  }

  /** Only when most of the file is empty, since what is given back may soon be needed again. */
  #giveBackPages(): void {
    const empty = this.#sql.get<{ freelist_count: number }>("PRAGMA freelist_count")?.freelist_count ?? 0;
    const all = this.#sql.get<{ page_count: number }>("PRAGMA page_count")?.page_count ?? 0;
    if (empty * 2 > all) this.#connection.exec(`PRAGMA incremental_vacuum(${vacuumPages})`);
  }
}

function accessOf({ port, method }: StoreCall) {
  const methods: Readonly<Record<string, "read" | "write" | "upkeep">> = calls[port satisfies PortName];
  return methods[method] ?? "write";
}
