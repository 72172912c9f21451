import { isDeepStrictEqual } from "node:util";
import { SessionStart } from "../../../gen/aldis/v1/session.js";
import { type AttributeState, type AttributeWish, type Entry, userOf } from "../journal.js";
import { AttributeHistory } from "./attribute-history.js";
import { type CheckerFactory, isOver } from "./checker.js";
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

/**
 * Attributes of one owner have one history: each revision is one write, a confirmed write is there until another one or the end
 * of the set takes it, who is told of changes knows the set in the end, and what nobody needs any more ends.
 */
export const oneHistory: CheckerFactory = (report) => {
  const histories = new Map<string, AttributeHistory>();
  const asked = new Map<string, Asked>();
  /** When a set may have ended last, by owner. */
  const loosenedAt = new Map<string, number>();
  const silences = new Silences(longSilenceMs);
  const believed: (AttributeState & { readonly who: string })[] = [];

  function historyOf(owner: string): AttributeHistory {
    const history = histories.get(owner) ?? new AttributeHistory();
    histories.set(owner, history);
    return history;
  }

  function loosen(owner: string, at: number): void {
    historyOf(owner).loosen();
    loosenedAt.set(owner, at);
  }

  /** True if the set may have ended since a time without any sign of it in the journal. */
  function mayHaveEnded(owner: string, at: number): boolean {
    const [kind, id = ""] = owner.split(" ");
    return kind === "channel" ? shortLived.has(owner) : silences.anyWithin(id, loosenedAt.get(owner) ?? 0, at);
  }

  /** Channels that were given a short time to live. */
  const shortLived = new Set<string>();

  function takeAnswer({ at, who }: Entry, call: number, revision: number | undefined): void {
    const question = asked.get(`${who} ${call}`);
    if (question === undefined) return;
    const { owner, write } = question;
    const history = historyOf(owner);
    if (revision === undefined || question.at <= (loosenedAt.get(owner) ?? -1)) return history.doubt(write);
    const contradiction = history.contradiction(write, revision, question.highest);
    if (contradiction !== undefined) {
      if (!mayHaveEnded(owner, at)) report({ at, parties: [who], problem: `of the attributes of ${owner}, ${contradiction}` });
      loosen(owner, at);
      return history.doubt(write);
    }
    history.confirm(write, revision, who);
  }

  function takeQuestion({ at, who, what }: Entry): void {
    if (what.kind !== "asked" || what.question.operation !== "writeAttributes") return;
    const { owner, write } = what.question;
    if (write.values?.some(([key]) => key === "_channel_ttl")) shortLived.add(owner);
    asked.set(`${who} ${what.call}`, { at, owner, write, highest: historyOf(owner).highest });
  }

  function checkTruth(at: number, truth: readonly AttributeState[], ended: readonly string[] = []): void {
    for (const state of truth) {
      const { owner, revision, values } = state;
      if (revision > 0 && ended.includes(owner)) {
        report({ at, parties: [owner], problem: `the attributes of ${owner} have not ended, and nobody needs them` });
      }
      const problem = mayHaveEnded(owner, at) ? undefined : historyOf(owner).problemOf(state);
      if (problem !== undefined) report({ at, parties: [owner], problem: `of the attributes of ${owner}, ${problem}` });
      for (const { who, ...other } of believed.filter((belief) => belief.owner === owner)) {
        const isSame = isDeepStrictEqual(other.values, values) && (revision === 0 || revision === other.revision);
        if (isSame) continue;
        const [is, was] = [state, other].map((set) => `${set.revision} ${JSON.stringify([...set.values])}`);
        report({ at, parties: [who], problem: `${who} believes that ${owner} has the attributes ${was}, and they are ${is}` });
      }
    }
  }

  return {
    take(entry) {
      const { at, who, what } = entry;
      silences.take(entry);
      takeQuestion(entry);
      if (what.kind === "answered") takeAnswer(entry, what.call, what.answer.revision);
      else if (what.kind === "failed") takeAnswer(entry, what.call, undefined);
      else if (what.kind === "state" && isOver(what.state)) loosen(`user ${userOf(who)}`, at);
      else if (what.kind === "session" && what.start === SessionStart.EXPIRED) loosen(`user ${userOf(who)}`, at);
      else if (what.kind === "crashed" && !what.keepsStore) for (const owner of histories.keys()) loosen(owner, at);
      else if (what.kind === "believes" && who === "server") checkTruth(at, what.attributes, what.ended);
      else if (what.kind === "believes") believed.push(...what.attributes.map((state) => ({ who, ...state })));
    },
    end() {},
  };
};
