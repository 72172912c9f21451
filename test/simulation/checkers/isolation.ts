import type { CheckerFactory } from "./checker.js";

/** Nobody gets into an app, or into the session of somebody else, with what belongs to others; and hears nothing of it. */
export const isolation: CheckerFactory = (report) => ({
  take({ at, who, what }) {
    if (what.kind !== "stranger" || what.got === "nothing") return;
    report({ at, parties: [who], problem: `a stranger got ${what.got === "event" ? "an" : "a"} ${what.got}` });
  },
  end() {},
});
