import type { TokenRights } from "../../../../gen/aldis/v1/admin_service.js";
import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import type { Engine } from "../../engine/engine.js";
import type { Clock } from "../../runtime.js";
import { Refusal, refuse } from "../refusal.js";
import type { AdminHandlers } from "./admin-context.js";
import type { Evictions } from "./evictions.js";

const dayMs = 24 * 60 * 60 * 1000;
/** The longest time for which a token is made: ten years. */
const validMaxMs = 3650 * dayMs;

export interface TokenOrder {
  readonly appId: string;
  readonly userId: string;
  readonly validForMs: number;
  readonly rights?: TokenRights;
}

/** Makes a token. Undefined if the server has no secret of the app to sign it with. */
export type IssueToken = (order: TokenOrder) => Promise<string | undefined>;

/** Making tokens, and making them worthless. */
export function tokenHandlers(
  engine: Engine,
  evictions: Evictions,
  issueToken: IssueToken,
  clock: Clock,
): Pick<AdminHandlers, "issueToken" | "revokeTokens"> {
  return {
    async issueToken({ appId, userId, validForMs: asked, rights }) {
      const validForMs = asked || dayMs;
      if (validForMs < 0 || validForMs > validMaxMs) {
        const message = `valid_for_ms must be from 0 to ${validMaxMs}`;
        return refuse(ErrorCode.INVALID_ARGUMENT, message, { field: "valid_for_ms" });
      }
      const token = await issueToken({ appId, userId, validForMs, rights });
      if (token !== undefined) return { token, expiresAtMs: clock.now() + validForMs };
      const message = "the server has no secret of the app, so whoever has its private key makes its tokens";
      return refuse(ErrorCode.REJECTED_BY_SERVER, message);
    },

    async revokeTokens({ appId, userId, issuedBeforeMs }) {
      const before = issuedBeforeMs || clock.now();
      if (before < 0 || before > clock.now()) {
        const message = "issued_before_ms must not be in the future";
        return refuse(ErrorCode.INVALID_ARGUMENT, message, { field: "issued_before_ms" });
      }
      await engine.revocations.revoke({ appId, userId }, before);
      const ended = await evictions.endRevoked({ appId, userId }, before);
      return ended instanceof Refusal ? ended : {};
    },
  };
}
