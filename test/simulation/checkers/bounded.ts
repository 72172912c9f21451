import type { Measurement } from "../journal.js";
import type { CheckerFactory } from "./checker.js";

/** The largest entry: a message of 64 KiB with what is around it. It is taken when there is a byte of room. */
const largestEntry = 66_000;

/** Calls that are answered when the queue is full: each adds a result. */
const callsWhenFull = 300;
const resultBytes = 512;

/** Events that are queued all the same: the channels that a session was taken out of, and news of invitations. */
const essentialEvents = 40;

/** Queues stay under their limits at any time, and nothing is left of clients that have gone. */
export const bounded: CheckerFactory = (report) => ({
  take({ at, what }) {
    if (what.kind !== "measured") return;
    const { measurement } = what;
    for (const { user, bytes, events } of measurement.sessions) {
      if (bytes > measurement.mostBytes + largestEntry + callsWhenFull * resultBytes) {
        report({ at, parties: [`${user}.1`], problem: `the queue of ${user} has ${bytes} bytes` });
      }
      if (events > measurement.mostEvents + essentialEvents) {
        report({ at, parties: [`${user}.1`], problem: `the queue of ${user} has ${events} events` });
      }
    }
    if (measurement.phase === "closed")
      for (const problem of leftoversIn(measurement)) report({ at, parties: ["server"], problem });
  },
  end() {},
});

function leftoversIn({ sessions, rooms, lanes, serverTimers, clientTimers }: Measurement): string[] {
  const counts = {
    sessions: sessions.length,
    rooms,
    lanes,
    "timers of the server": serverTimers,
    "timers of clients": clientTimers,
  };
  return Object.entries(counts)
    .filter(([, count]) => count !== 0)
    .map(([name, count]) => `when all clients had gone, there were ${name}: ${count}`);
}
