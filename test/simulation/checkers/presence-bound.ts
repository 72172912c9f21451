import type { CheckerFactory } from "./checker.js";
import { watchAnswers } from "./presence-answers.js";
import { watchNotices } from "./presence-notices.js";
import { Silences } from "./silences.js";

/** A silence that is shorter shows nobody anything, in milliseconds: 30 s, less what a frame takes on its way. */
const longSilenceMs = 29_000;

/** A vanished user is offline within 33 s; a break shorter than 30 s shows nobody a leave and a join. */
export const presenceBound: CheckerFactory = (report) => {
  const silences = new Silences(longSilenceMs);
  const watchers = [watchAnswers(report, silences), watchNotices(report, silences)];

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
