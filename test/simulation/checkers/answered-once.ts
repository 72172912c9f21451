import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import type { Question } from "../journal.js";
import type { CheckerFactory } from "./checker.js";

/** What an answer may take beyond the time that its caller waits, in milliseconds. */
const slackMs = 100;

/** Every call is settled, once, in its time; and the server never answers with a fault of its own. */
export const answeredOnce: CheckerFactory = (report) => {
  const open = new Map<string, { readonly question: Question; readonly dueAt: number; readonly who: string }>();
  let now = 0;

  function checkTimes(): void {
    for (const [key, { question, dueAt, who }] of open) {
      if (dueAt >= now) continue;
      report({ at: now, parties: [who], problem: `${question.operation} of ${who} was not answered in its time` });
      open.delete(key);
    }
  }

  return {
    take({ at, who, what }) {
      now = at;
      if (what.kind === "asked") {
        open.set(`${who} ${what.call}`, { question: what.question, dueAt: at + what.timeoutMs + slackMs, who });
      } else if (what.kind === "answered" || what.kind === "failed") {
        if (!open.delete(`${who} ${what.call}`)) {
          report({ at, parties: [who], problem: `${what.question.operation} of ${who} was answered twice, or too late` });
        }
        if (what.kind === "failed" && what.code === ErrorCode.INTERNAL) {
          report({ at, parties: [who], problem: `${what.question.operation} of ${who} failed with INTERNAL` });
        }
      } else if (what.kind === "serverFailure") {
        report({ at, parties: [who], problem: `the server had a fault: ${what.about}` });
      } else if (what.kind === "measured") checkTimes();
    },
    end: checkTimes,
  };
};
