import { DeliveryOutcome } from "../../../gen/aldis/v1/message.js";
import { SessionStart } from "../../../gen/aldis/v1/session.js";
import { type Entry, type Question, userOf } from "../journal.js";
import { isOver } from "./checker.js";
import { Nodes } from "./nodes.js";

/**
 * How long the server may keep a session that no client knows, in milliseconds: after a logout that it has not heard, or a login
 * that was given up. Until then messages are accepted for it.
 */
const ghostMs = 125_000;

/** A message of which a sender was told that its receiver will hear it. */
interface PeerPromise {
  /** When the sender was told. */
  readonly at: number;
  /** When the message was first sent: a retry is told what became of the first try, perhaps to a session that is over. */
  readonly firstSentAt: number;
  readonly from: string;
  readonly to: string;
  readonly message: string;
}

/** Knows which messages to users were accepted or stored, and which of them may not be missing. */
export class PeerPromises {
  readonly #heard = new Set<string>();
  readonly #firstSentAt = new Map<string, number>();
  readonly #accepted = new Map<string, PeerPromise>();
  /** What the store has. */
  readonly #stored = new Map<string, PeerPromise>();
  /** What was sent before may have been stored before, though the sender was told later. */
  #dataLostAt = Number.NEGATIVE_INFINITY;
  /** Until when a session of the user has ended, or may have: what was accepted before may be lost. */
  readonly #brokenUntil = new Map<string, number>();
  readonly #users = new Set<string>();
  readonly #nodes = new Nodes();

  take(entry: Entry): void {
    const { at, who, what } = entry;
    const user = userOf(who);
    this.#nodes.take(entry);
    if (what.kind === "peerMessage") this.#heard.add(`${user} ${what.message}`);
    else if (what.kind === "asked") this.#takeQuestion(at, what.question);
    else if (what.kind === "answered") this.#takeAnswer(entry);
    else if (what.kind === "crashed") this.#takeCrash(at, who);
    else if (what.kind === "dataLost") this.#takeLoss(at);
    else if (what.kind === "failed" && what.question.operation === "login") this.#noteBroken(user, at + ghostMs);
    // The new session has taken the place of whatever was left of others.
    else if (what.kind === "session" && what.start !== SessionStart.RESUMED) this.#brokenUntil.set(user, at);
    else if (what.kind === "state") {
      this.#users.add(user);
      if (isOver(what.state)) this.#noteBroken(user, at + ghostMs);
    }
  }

  /** What was accepted and not heard, though no session of the receiver has ended since. */
  lostOnTheWay(): PeerPromise[] {
    return this.#unheard(this.#accepted).filter(({ to, firstSentAt }) => (this.#brokenUntil.get(to) ?? -1) < firstSentAt);
  }

  /** What was stored and not heard, though its receiver is online. */
  lostInStore(online: ReadonlySet<string>): PeerPromise[] {
    return this.#unheard(this.#stored).filter(({ to }) => online.has(to));
  }

  #unheard(promises: ReadonlyMap<string, PeerPromise>): PeerPromise[] {
    return [...promises.values()].filter(({ to, message }) => !this.#heard.has(`${to} ${message}`));
  }

  #takeQuestion(at: number, question: Question): void {
    if (question.operation !== "sendToPeer" || this.#firstSentAt.has(question.message)) return;
    this.#firstSentAt.set(question.message, at);
  }

  #takeAnswer({ at, who, what }: Entry): void {
    if (what.kind !== "answered" || what.question.operation !== "sendToPeer") return;
    const { to, message } = what.question;
    const promise = { at, firstSentAt: this.#firstSentAt.get(message) ?? at, from: who, to, message };
    const isStored = what.answer.outcome === DeliveryOutcome.STORED && promise.firstSentAt > this.#dataLostAt;
    if (isStored) this.#stored.set(message, promise);
    else if (what.answer.outcome === DeliveryOutcome.ACCEPTED) this.#accepted.set(message, promise);
  }

  /** What a node had in the queues of its sessions is lost with it. */
  #takeCrash(at: number, node: string): void {
    for (const client of this.#nodes.clientsOf(node)) this.#noteBroken(userOf(client), at);
  }

  /** All sessions end for it, and nothing is stored any more. */
  #takeLoss(at: number): void {
    this.#stored.clear();
    this.#dataLostAt = at;
    for (const user of this.#users) this.#noteBroken(user, at);
  }

  #noteBroken(user: string, until: number): void {
    this.#brokenUntil.set(user, Math.max(until, this.#brokenUntil.get(user) ?? 0));
  }
}
