import type { TokenRights } from "../../../gen/aldis/v1/admin_service.js";
import type { OperationName, Operations } from "../../../gen/aldis/v1/tables/operations.js";
import type { UserKey } from "../engine/ports/keys.js";
import type { LiveSession } from "./live-session.js";
import type { Refusal } from "./refusal.js";

/** One call of one user, through either door. */
export interface CallContext {
  readonly user: UserKey;
  /** What the user's token allows. */
  readonly rights: TokenRights;
  /** The user's live session. Undefined for a unary call that names none; operations that need one are refused before. */
  readonly session?: LiveSession;
  /** Plans a task for the moment after the answer is on its way, so that what the task sends comes behind the answer. */
  afterAnswer(task: () => void): void;
}

/** The context of an operation that needs a session. */
export interface SessionContext extends CallContext {
  readonly session: LiveSession;
}

type Answer<K extends OperationName> = Promise<Operations[K]["response"] | Refusal>;

/** Answers one operation. The request has passed the rules of the protocol. */
export type Handler<K extends OperationName> = (context: SessionContext, request: Operations[K]["request"]) => Answer<K>;

/** The handler table: one for both doors. An operation without a handler is answered with `UNIMPLEMENTED`. */
export type Handlers = { readonly [K in OperationName]?: Handler<K> };
