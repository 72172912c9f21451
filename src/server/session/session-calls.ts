import { GoodbyeReason } from "../../../gen/aldis/v1/connection.js";
import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import type { Handlers } from "../feature/call-context.js";
import { Refusal, refuse } from "../feature/refusal.js";
import type { Login } from "./login.js";
import type { Registry } from "./registry.js";
import type { Sessions } from "./sessions.js";

/** The calls of a session about itself. */
export function sessionHandlers(registry: Registry, sessions: Sessions, login: Login): Pick<Handlers, "renewToken" | "logout"> {
  const gone = () => refuse(ErrorCode.NOT_LOGGED_IN, "the session is over; log in again");
  return {
    async renewToken(context, { token }) {
      const admission = await login.check(token, context.user);
      if (admission instanceof Refusal) return admission;
      const session = registry.find(context.session.id);
      if (session === undefined) return gone();
      session.renew(admission);
      return { expiresAtMs: admission.expiresAtMs };
    },

    async logout(context) {
      const session = registry.find(context.session.id);
      if (session === undefined) return gone();
      // The goodbye comes behind the answer, which would otherwise be lost with the session's queue.
      context.afterAnswer(() => session.end(GoodbyeReason.LOGOUT));
      await sessions.vacate(session, GoodbyeReason.LOGOUT);
      return {};
    },
  };
}
