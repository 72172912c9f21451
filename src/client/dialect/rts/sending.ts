import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import { type DialectTable, dialectCode, dialectTables } from "../../../../gen/aldis/v1/tables/dialects.js";
import type { CallbackQueue } from "../shared/callback-queue.js";
import { codeOf } from "../shared/codes.js";
import { UserMessageSendResult } from "./enums/results.js";
import type { Session } from "./session.js";

/** Something to be sent, whose result is told by a callback. */
export interface Sending<Answer> {
  /** The numbers of the result. */
  readonly table: DialectTable;
  /** The login, if there is one. */
  readonly session: Session | undefined;
  /** What is wrong with it, as the result's number. */
  readonly problem?: number;
  readonly send: (session: Session, onSettled: () => void) => Promise<Answer>;
  /** Told once, in its turn among the callbacks. There is an answer only for success. */
  readonly onResult: (result: number, answer?: Answer) => void;
}

/** Sends, or tells why not. As in the old system, nothing waits for a link. */
export function sendAndTell<Answer>(queue: CallbackQueue, sending: Sending<Answer>): void {
  const { table, session, problem, send, onResult } = sending;
  if (session === undefined) {
    const notLoggedIn = dialectCode(table, "ErrorCode", ErrorCode.NOT_LOGGED_IN);
    queue.tell(() => onResult(notLoggedIn));
    return;
  }
  const refusal = problem ?? linkProblem(session);
  if (refusal !== undefined) {
    queue.tell(() => onResult(refusal));
    return;
  }
  queue.tellOutcome(
    (onSettled) => send(session, onSettled),
    (answer) => onResult(dialectTables[table].success, answer),
    (thrown) => onResult(codeOf(table, thrown)),
  );
}

/** Users and rooms have the same numbers for this. */
function linkProblem(session: Session): number | undefined {
  if (session.connected) return undefined;
  return session.begun ? UserMessageSendResult.NoConnection : UserMessageSendResult.Init;
}
