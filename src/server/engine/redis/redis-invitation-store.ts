import { Invitation } from "../../../../gen/aldis/v1/invitation.js";
import { invitationStates } from "../../../../gen/aldis/v1/tables/states.js";
import { encode } from "../../encode.js";
import type { InvitationStore, StoredInvitation } from "../ports/invitation-store.js";
import { fromKeyText, keyText } from "../ports/keys.js";
import { byTag, Partitions } from "./partitions.js";
import { bytesOf, listOf, numberOf, textOf } from "./reply.js";
import type { Runner } from "./runner.js";
import type { Reply } from "./script.js";
import { createInvitation, forgetInvitations, readInvitations, replaceInvitation } from "./scripts/invitations.js";

/**
 * Invitations in Redis, those of one app in one part. One round trip for each call; what runs over all apps asks each part what is
 * due, then those parts that have something.
 */
export class RedisInvitationStore implements InvitationStore {
  readonly #runner: Runner;
  readonly #partitions = new Partitions("invitations");

  constructor({ runner }: { runner: Runner }) {
    this.#runner = runner;
  }

  async create(stored: StoredInvitation): Promise<"created" | "exists" | "duplicate"> {
    const outcome = await this.#runner.run(createInvitation, this.#tagOf(stored.appId), argsOf(stored));
    return (["created", "exists", "duplicate"] as const)[numberOf(outcome)] ?? "exists";
  }

  async replace(stored: StoredInvitation, expectedVersion: number): Promise<boolean> {
    const args = { ...argsOf(stored), expected: expectedVersion };
    return (await this.#runner.run(replaceInvitation, this.#tagOf(stored.appId), args)) === 1;
  }

  async find(appId: string, invitationId: string): Promise<StoredInvitation | undefined> {
    const [found] = await this.#read(this.#tagOf(appId), [keyText(appId, invitationId)]);
    return found;
  }

  live(appId: string, userId: string): Promise<StoredInvitation[]> {
    return this.#read(this.#tagOf(appId), [], sideText(appId, userId));
  }

  async due(nowMs: number, limit: number): Promise<StoredInvitation[]> {
    const due = await this.#partitions.first(this.#runner, "timers", nowMs, limit);
    const found = await Promise.all([...byTag(due)].map(([tag, ids]) => this.#read(tag, ids)));
    const byId = new Map(found.flat().map((stored) => [keyText(stored.appId, stored.invitation.invitationId), stored]));
    const present = due.map(({ member }) => byId.get(member)).filter((stored) => stored !== undefined);
    // A timer may have been moved or stopped between the two.
    return present.filter(({ dueAtMs }) => dueAtMs !== 0 && dueAtMs <= nowMs);
  }

  async forgetEnded(beforeMs: number, limit: number): Promise<number> {
    const ended = await this.#partitions.first(this.#runner, "ended", `(${beforeMs}`, limit);
    const forget = ([tag, rest]: [string, string[]]) => this.#runner.run(forgetInvitations, tag, { beforeMs }, { rest });
    const forgotten = await Promise.all([...byTag(ended)].map(forget));
    return forgotten.map(numberOf).reduce((sum, one) => sum + one, 0);
  }

  async #read(tag: string, ids: readonly string[], user = ""): Promise<StoredInvitation[]> {
    return listOf(await this.#runner.run(readInvitations, tag, { user }, { rest: ids })).map(storedOf);
  }

  #tagOf(appId: string): string {
    return this.#partitions.tagOf(appId);
  }
}

/** What the entries of a user's live invitations begin with, and those of no other user. */
function sideText(appId: string, userId: string): string {
  return keyText(appId, keyText(userId, ""));
}

function argsOf({ appId, invitation, dueAtMs, uniqueKey, patience }: StoredInvitation) {
  const isOver = invitationStates[invitation.state].terminal;
  return {
    id: keyText(appId, invitation.invitationId),
    caller: sideText(appId, invitation.caller),
    callee: sideText(appId, invitation.callee),
    uniqueId: keyText(appId, uniqueKey),
    uniqueKey,
    version: invitation.version,
    dueAt: dueAtMs,
    isOver: isOver ? 1 : 0,
    ...patience,
    invitation: encode(Invitation, invitation),
  };
}

function storedOf(reply: Reply): StoredInvitation {
  const [id, , , dueAt, uniqueKey, offlineMs, receiveMs, answerMs, invitation] = listOf(reply);
  const [appId] = fromKeyText(textOf(id));
  return {
    appId,
    invitation: Invitation.decode(bytesOf(invitation)),
    dueAtMs: numberOf(dueAt),
    uniqueKey: textOf(uniqueKey),
    patience: { offlineMs: numberOf(offlineMs), receiveMs: numberOf(receiveMs), answerMs: numberOf(answerMs) },
  };
}
