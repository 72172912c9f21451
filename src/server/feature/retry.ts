import { keyText, type UserKey } from "../engine/ports/keys.js";
import type { RetryMemory } from "../engine/ports/retry-memory.js";
import { Refusal } from "./refusal.js";

/**
 * Runs a send so that a retry with the same client message id counts once and gets the same answer. A refused send has done
 * nothing, so it is forgotten and may be tried again. Without an id every send counts.
 */
export function countOnce<T>(
  retries: RetryMemory,
  sender: UserKey,
  target: string,
  clientMessageId: string,
  send: () => Promise<T | Refusal>,
): Promise<T | Refusal> {
  if (clientMessageId === "") return send();
  const key = keyText(keyText(sender.appId, sender.userId), keyText(target, clientMessageId));
  return retries.once(key, send, isAnswer);
}

function isAnswer(outcome: unknown): boolean {
  return !(outcome instanceof Refusal);
}
