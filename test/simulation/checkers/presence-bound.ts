import type { CheckerFactory } from "./checker.js";
import { watchAnswers } from "./presence-answers.js";
import { watchBeliefs } from "./presence-beliefs.js";
import { watchNotices } from "./presence-notices.js";
import { Silences } from "./silences.js";

/** A silence that is shorter shows nobody anything, in milliseconds: 30 s, less what a frame takes on its way. */
const longSilenceMs = 29_000;

/**
 * A vanished user is offline within 33 s; a break shorter than 30 s shows nobody a leave and a join; and who has subscribed to a
 * user knows in the end how it is.
 */
export const presenceBound: CheckerFactory = (report) => {
  const silences = new Silences(longSilenceMs);
  const watchers = [watchAnswers(report, silences), watchNotices(report, silences), watchBeliefs(report)];

  return {
    take(entry) {
      silences.take(entry);
      for (const watcher of watchers) watcher.take(entry);
    },
    end() {
      for (const watcher of watchers) watcher.end();
    },
  };
};
