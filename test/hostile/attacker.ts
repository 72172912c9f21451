// The process of one attack: it gets its order as an argument, says that it is ready, and begins at the first message. At the end
// it tells what came of it.
import { once } from "node:events";
import { attacks } from "./attacks/index.js";
import { Tally } from "./tally.js";
import { type Order, pause, Target, unansweredMs } from "./target.js";

/** How long an attack may take to notice that its time is over, in milliseconds. */
const patienceMs = 3000;

const order = JSON.parse(process.argv[2] ?? "{}") as Order;
const attack = attacks.find(({ name }) => name === order.attack);
if (attack === undefined) throw new Error(`there is no attack "${order.attack}"`);
process.send?.("ready");
await once(process, "message");
const tally = new Tally();
const target = new Target(order, tally);
const latest = async () => {
  await pause(order.durationMs + patienceMs);
  if (!target.over) await pause(unansweredMs);
};
await Promise.race([attack.run(target), latest()]);
process.send?.(tally.outcome(), () => process.exit());
