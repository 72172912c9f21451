import { defineScript } from "../script.js";
import { rateWindow } from "./rate-window.js";

/**
 * Counts one event if the window has room for it. Gives 0, or the milliseconds after which there will be room.
 *
 * Atomic. An answer that is lost may make an event count twice, so that less is allowed, never more.
 * Key: `window:LENGTH`. Cost: O(events that have left), and 5 commands besides, in one round trip.
 */
export const takeRate = defineScript({
  name: "count an event",
  kind: "idempotent",
  keys: ["window:"],
  args: ["limit", "windowMs"],
  lua: `${rateWindow}
if roomInWindow() < 1 then return untilRoom() end
countEvents(1)
return 0`,
});
