import type { PresenceState } from "../../../gen/aldis/v1/presence.js";
import type { Checker, Report } from "./checker.js";

/** Watches that when all is quiet, subscribers know how the users are. */
export function watchBeliefs(report: Report): Checker {
  const believed: { readonly who: string; readonly userId: string; readonly state: PresenceState }[] = [];

  return {
    take({ at, who, what }) {
      if (what.kind !== "believes") return;
      if (who !== "server") {
        believed.push(...what.presences.map((presence) => ({ who, ...presence })));
        return;
      }
      const states = new Map(what.presences.map(({ userId, state }) => [userId, state]));
      for (const { who: subscriber, userId, state } of believed) {
        if (states.get(userId) === state) continue;
        const problem = `${subscriber} believes that the presence of ${userId} is ${state}, and it is ${states.get(userId)}`;
        report({ at, parties: [subscriber, userId], problem });
      }
    },
    end() {},
  };
}
