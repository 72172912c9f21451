import type { InvitationTold } from "../journal.js";
import { type CheckerFactory, isOver } from "./checker.js";

/** What one client knows of one invitation. */
interface Knowledge {
  readonly who: string;
  accepted: boolean;
  /** How it ended, with the reason. Undefined while it lives. */
  end: string | undefined;
}

/** After these nothing follows. */
const ends: ReadonlySet<InvitationTold> = new Set(["refused", "cancelled", "failed", "ended"]);

/**
 * An invitation ends once, in the same outcome for all who know of it, and nobody is left in doubt. A client that has logged
 * out is told nothing more. What was lost with the data is over for both sides, and neither can say how it ended; if only the newest
 * writes were lost, a side whose session goes on may be left in doubt.
 */
export const oneOutcome: CheckerFactory = (report) => {
  const invitations = new Map<string, Map<string, Knowledge>>();
  /** The clients that have no session. */
  const over = new Set<string>();
  /** Those that were known when the store lost its data. */
  const shaken = new Set<string>();
  /** Those of them whose newest changes alone may be lost. */
  const doubtful = new Set<string>();

  function knowledgeOf(id: string, who: string): Knowledge {
    const known = invitations.get(id) ?? new Map<string, Knowledge>();
    invitations.set(id, known);
    const knowledge = known.get(who) ?? { who, accepted: false, end: undefined };
    known.set(who, knowledge);
    return knowledge;
  }

  function takeNews(at: number, who: string, id: string, told: InvitationTold, reason: number): void {
    // The answer to a send is noted a step later than the end of the session behind it.
    if (told === "sent" && over.has(who)) return;
    const knowledge = knowledgeOf(id, who);
    const { end, accepted } = knowledge;
    if (end !== undefined && told !== "sent") {
      report({ at, parties: [who], problem: `${who} was told that ${id} is ${told}, after it was ${end}` });
    }
    if (told === "accepted" && accepted)
      report({ at, parties: [who], problem: `${who} was told twice that ${id} is accepted` });
    if (told === "accepted") knowledge.accepted = true;
    if (ends.has(told)) knowledge.end ??= `${told} ${reason}`;
  }

  /** A client that has ended its session is told nothing more of what lives. */
  function forget(who: string): void {
    for (const known of invitations.values()) if (known.get(who)?.end === undefined) known.delete(who);
  }

  function compare(at: number, id: string, known: readonly Knowledge[]): void {
    if (doubtful.has(id)) return;
    const parties = known.map(({ who }) => who);
    const told = [...new Set(known.map(({ end }) => end))];
    const problem = known.map(({ who, end = "alive" }) => `${end} for ${who}`).join(", ");
    if (told.length > 1 && (told.includes(undefined) || !shaken.has(id))) {
      report({ at, parties, problem: `invitation ${id} is ${problem}` });
    }
    const rings = known.some(({ end, accepted }) => end === undefined && !accepted);
    if (rings) report({ at, parties, problem: `invitation ${id} has not come to an end: ${problem}` });
  }

  return {
    take({ at, who, what }) {
      if (what.kind === "invitation") takeNews(at, who, what.id, what.told, what.reason);
      else if (what.kind === "dataLost") for (const id of invitations.keys()) (what.newestOnly ? doubtful : shaken).add(id);
      else if (what.kind === "state" && !isOver(what.state)) over.delete(who);
      else if (what.kind === "state") {
        over.add(who);
        forget(who);
      } else if (what.kind === "quiet") {
        for (const [id, known] of invitations) compare(at, id, [...known.values()]);
      }
    },
    end() {},
  };
};
