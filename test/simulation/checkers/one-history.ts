import { isDeepStrictEqual } from "node:util";
import { SessionStart } from "../../../gen/aldis/v1/session.js";
import { type AttributeState, type AttributeWish, type Entry, userOf } from "../journal.js";
import { AttributeHistory } from "./attribute-history.js";
import { type Checker, type CheckerFactory, isOver, type Report } from "./checker.js";
import { Silences } from "./silences.js";

/** After a silence of this length attributes may end with their session, in milliseconds. */
const longSilenceMs = 29_000;

interface Asked {
  readonly at: number;
  readonly owner: string;
  readonly write: AttributeWish;
  /** The highest revision that anybody knew then. */
  readonly highest: number;
}

class OneHistory implements Checker {
  private readonly histories = new Map<string, AttributeHistory>();
  private readonly asked = new Map<string, Asked>();
  /** When a set may have ended last, by owner. */
  private readonly loosenedAt = new Map<string, number>();
  private readonly silences = new Silences(longSilenceMs);
  private readonly believed: (AttributeState & { readonly who: string })[] = [];
  /** Channels that were given a short time to live. */
  private readonly shortLived = new Set<string>();

  constructor(private readonly report: Report) {}

  private historyOf(owner: string): AttributeHistory {
    const history = this.histories.get(owner) ?? new AttributeHistory();
    this.histories.set(owner, history);
    return history;
  }

  private loosen(owner: string, at: number): void {
    this.historyOf(owner).loosen();
    this.loosenedAt.set(owner, at);
  }

  /** True if the set may have ended since a time without any sign of it in the journal. */
  private mayHaveEnded(owner: string, at: number): boolean {
    const [kind, id = ""] = owner.split(" ");
    return kind === "channel" ? this.shortLived.has(owner) : this.silences.anyWithin(id, this.loosenedAt.get(owner) ?? 0, at);
  }

  private takeAnswer({ at, who }: Entry, call: number, revision: number | undefined): void {
    const question = this.asked.get(`${who} ${call}`);
    if (question === undefined) return;
    const { owner, write } = question;
    const history = this.historyOf(owner);
    if (revision === undefined || question.at <= (this.loosenedAt.get(owner) ?? -1)) return history.doubt(write);
    const contradiction = history.contradiction(write, revision, question.highest);
    if (contradiction !== undefined) {
      if (!this.mayHaveEnded(owner, at))
        this.report({ at, parties: [who], problem: `of the attributes of ${owner}, ${contradiction}` });
      this.loosen(owner, at);
      return history.doubt(write);
    }
    history.confirm(write, revision, who);
  }

  private takeQuestion({ at, who, what }: Entry): void {
    if (what.kind !== "asked" || what.question.operation !== "writeAttributes") return;
    const { owner, write } = what.question;
    if (write.values?.some(([key]) => key === "_channel_ttl")) this.shortLived.add(owner);
    this.asked.set(`${who} ${what.call}`, { at, owner, write, highest: this.historyOf(owner).highest });
  }

  private checkTruth(at: number, truth: readonly AttributeState[], ended: readonly string[] = []): void {
    for (const state of truth) {
      const { owner, revision, values } = state;
      if (revision > 0 && ended.includes(owner)) {
        this.report({ at, parties: [owner], problem: `the attributes of ${owner} have not ended, and nobody needs them` });
      }
      const problem = this.mayHaveEnded(owner, at) ? undefined : this.historyOf(owner).problemOf(state);
      if (problem !== undefined) this.report({ at, parties: [owner], problem: `of the attributes of ${owner}, ${problem}` });
      for (const { who, ...other } of this.believed.filter((belief) => belief.owner === owner)) {
        const isSame = isDeepStrictEqual(other.values, values) && (revision === 0 || revision === other.revision);
        if (isSame) continue;
        const [is, was] = [state, other].map((set) => `${set.revision} ${JSON.stringify([...set.values])}`);
        this.report({
          at,
          parties: [who],
          problem: `${who} believes that ${owner} has the attributes ${was}, and they are ${is}`,
        });
      }
    }
  }

  take(entry: Entry): void {
    const { at, who, what } = entry;
    this.silences.take(entry);
    this.takeQuestion(entry);
    if (what.kind === "answered") this.takeAnswer(entry, what.call, what.answer.revision);
    else if (what.kind === "failed") this.takeAnswer(entry, what.call, undefined);
    else if (what.kind === "state" && isOver(what.state)) this.loosen(`user ${userOf(who)}`, at);
    else if (what.kind === "session" && what.start === SessionStart.EXPIRED) this.loosen(`user ${userOf(who)}`, at);
    else if (what.kind === "dataLost") for (const owner of this.histories.keys()) this.loosen(owner, at);
    else if (what.kind === "believes" && who === "server") this.checkTruth(at, what.attributes, what.ended);
    else if (what.kind === "believes") this.believed.push(...what.attributes.map((state) => ({ who, ...state })));
  }

  end(): void {}
}

/**
 * Attributes of one owner have one history: each revision is one write, a confirmed write is there until another one or the end
 * of the set takes it, who is told of changes knows the set in the end, and what nobody needs any more ends.
 */
export const oneHistory: CheckerFactory = (report) => new OneHistory(report);
