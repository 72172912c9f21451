import { answeredOnce } from "./answered-once.js";
import { bounded } from "./bounded.js";
import { channelOrder } from "./channel-order.js";
import type { CheckerFactory } from "./checker.js";
import { isolation } from "./isolation.js";
import { noDuplicate } from "./no-duplicate.js";
import { noSilentLoss } from "./no-silent-loss.js";
import { oneHistory } from "./one-history.js";
import { oneOutcome } from "./one-outcome.js";
import { oneSession } from "./one-session.js";
import { peerOrder } from "./peer-order.js";
import { presenceBound } from "./presence-bound.js";
import { trueReceipt } from "./true-receipt.js";

/** The guarantees, by name. A new one is a file and a line here. */
export const checkers = {
  "peer-order": peerOrder,
  "channel-order": channelOrder,
  "no-silent-loss": noSilentLoss,
  "no-duplicate": noDuplicate,
  "true-receipt": trueReceipt,
  "one-session": oneSession,
  "one-outcome": oneOutcome,
  "one-history": oneHistory,
  "presence-bound": presenceBound,
  isolation,
  bounded,
  "answered-once": answeredOnce,
} satisfies Record<string, CheckerFactory>;

export type Guarantee = keyof typeof checkers;
