import { DeliveryOutcome } from "../../../gen/aldis/v1/message.js";
import { SessionStart } from "../../../gen/aldis/v1/session.js";
import type { Entry } from "../journal.js";
import { Nodes } from "./nodes.js";

const lastWords: ReadonlySet<DeliveryOutcome | undefined> = new Set([DeliveryOutcome.DELIVERED, DeliveryOutcome.STORED]);

/** Clients that begin a session on another node than their last one: what has become of their messages only that one may know. */
export class Moves {
  readonly #nodes = new Nodes();
  /** The node of each client's last session. */
  readonly #homes = new Map<string, string>();
  readonly #counts = new Map<string, number>();
  /** What each client has sent to peers and was not told the last word of. */
  readonly #open = new Map<string, Set<string>>();

  /** The messages that a client has open when it moves; none for all other entries. */
  take(entry: Entry): Iterable<string> {
    const { who, what } = entry;
    this.#nodes.take(entry);
    if (what.kind === "asked" && what.question.operation === "sendToPeer") this.#openOf(who).add(what.question.message);
    if (what.kind === "answered" && what.question.operation === "sendToPeer" && lastWords.has(what.answer.outcome))
      this.#openOf(who).delete(what.question.message);
    if (what.kind !== "session" || what.start === SessionStart.RESUMED || !this.#hasMoved(who)) return [];
    this.#counts.set(who, this.countOf(who) + 1);
    return this.#openOf(who);
  }

  /** How often a client has moved. */
  countOf(client: string): number {
    return this.#counts.get(client) ?? 0;
  }

  #hasMoved(client: string): boolean {
    const [before, now] = [this.#homes.get(client), this.#nodes.nodeOf(client)];
    if (now !== undefined) this.#homes.set(client, now);
    return before !== undefined && before !== now;
  }

  #openOf(client: string): Set<string> {
    const open = this.#open.get(client) ?? new Set();
    this.#open.set(client, open);
    return open;
  }
}
