import { Invitation } from "../../../../../gen/aldis/v1/invitation.js";
import { invitationStates } from "../../../../../gen/aldis/v1/tables/states.js";
import { encode } from "../../../encode.js";
import type { InvitationStore, StoredInvitation } from "../../ports/invitation-store.js";
import { checksumOf, DamagedRecord } from "../checksum.js";
import type { Sql } from "../sql.js";
import { fromColumn, toColumn } from "../text-column.js";
import type { Synchronous, Table, TableParts } from "./table.js";

interface Row {
  readonly app: string;
  readonly unique_key: string | null;
  readonly version: number;
  readonly due_at: number | null;
  readonly offline_ms: number;
  readonly receive_ms: number;
  readonly answer_ms: number;
  readonly invitation: Uint8Array;
  readonly checksum: number;
}

/** All invitations. Indexes of users and unique keys hold the live ones only; those that ended wait to be forgotten. */
export class InvitationTable implements Synchronous<InvitationStore>, Table {
  readonly #sql: Sql;
  readonly #now: () => number;

  constructor({ sql, now }: TableParts) {
    this.#sql = sql;
    this.#now = now;
  }

  create(stored: StoredInvitation): "created" | "exists" | "duplicate" {
    const { invitation, patience } = stored;
    const app = toColumn(stored.appId);
    const id = toColumn(invitation.invitationId);
    if (this.#sql.get("SELECT 1 FROM invitations WHERE app = ? AND id = ?", app, id) !== undefined) return "exists";
    const uniqueKey = stored.uniqueKey === "" ? null : toColumn(stored.uniqueKey);
    if (uniqueKey !== null && this.#livesWith(app, uniqueKey)) return "duplicate";
    this.#sql.run(
      `INSERT INTO invitations
        (app, id, caller, callee, unique_key, offline_ms, receive_ms, answer_ms, version, due_at, ended_at, invitation, checksum)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      app,
      id,
      toColumn(invitation.caller),
      toColumn(invitation.callee),
      uniqueKey,
      patience.offlineMs,
      patience.receiveMs,
      patience.answerMs,
      ...this.#changing(stored),
    );
    return "created";
  }

  replace(stored: StoredInvitation, expectedVersion: number): boolean {
    const changes = this.#sql.run(
      `UPDATE invitations SET version = ?, due_at = ?, ended_at = coalesce(ended_at, ?), invitation = ?, checksum = ?
        WHERE app = ? AND id = ? AND version = ?`,
      ...this.#changing(stored),
      toColumn(stored.appId),
      toColumn(stored.invitation.invitationId),
      expectedVersion,
    );
    return changes > 0;
  }

  find(appId: string, invitationId: string): StoredInvitation | undefined {
    const row = this.#sql.get<Row>(
      "SELECT * FROM invitations WHERE app = ? AND id = ?",
      toColumn(appId),
      toColumn(invitationId),
    );
    return row === undefined ? undefined : storedOf(row);
  }

  live(appId: string, userId: string): StoredInvitation[] {
    const [app, user] = [toColumn(appId), toColumn(userId)];
    const rows = this.#sql.all<Row>(
      `SELECT * FROM invitations WHERE app = ? AND caller = ? AND ended_at IS NULL
        UNION SELECT * FROM invitations WHERE app = ? AND callee = ? AND ended_at IS NULL ORDER BY number`,
      app,
      user,
      app,
      user,
    );
    return rows.map(storedOf);
  }

  due(nowMs: number, limit: number): StoredInvitation[] {
    const rows = this.#sql.all<Row>(
      "SELECT * FROM invitations WHERE due_at <= ? ORDER BY due_at, number LIMIT ?",
      nowMs,
      limit,
    );
    return rows.map(storedOf);
  }

  forgetEnded(beforeMs: number, limit: number): number {
    return this.#sql.run(
      `DELETE FROM invitations WHERE number IN
        (SELECT number FROM invitations WHERE ended_at < ? ORDER BY ended_at, number LIMIT ?)`,
      beforeMs,
      limit,
    );
  }

  verify(): void {
    for (const row of this.#sql.each<Row>("SELECT * FROM invitations")) storedOf(row);
  }

  #livesWith(app: string, uniqueKey: string): boolean {
    const live = "SELECT 1 FROM invitations WHERE app = ? AND unique_key = ? AND ended_at IS NULL";
    return this.#sql.get(live, app, uniqueKey) !== undefined;
  }

  /** The columns that change with the version. */
  #changing({ appId, invitation, dueAtMs }: StoredInvitation): [number, number | null, number | null, Uint8Array, number] {
    const bytes = encode(Invitation, invitation);
    const { version, state } = invitation;
    const isOver = invitationStates[state].terminal;
    const dueAt = dueAtMs === 0 ? null : dueAtMs;
    return [version, dueAt, isOver ? this.#now() : null, bytes, checksumOf(bytes, toColumn(appId), version)];
  }
}

function storedOf(row: Row): StoredInvitation {
  const { app, version, invitation: bytes } = row;
  if (checksumOf(bytes, app, version) !== row.checksum) throw new DamagedRecord("invitation");
  return {
    appId: fromColumn(app),
    invitation: Invitation.decode(bytes),
    dueAtMs: row.due_at ?? 0,
    uniqueKey: row.unique_key === null ? "" : fromColumn(row.unique_key),
    patience: { offlineMs: row.offline_ms, receiveMs: row.receive_ms, answerMs: row.answer_ms },
  };
}
