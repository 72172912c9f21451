import { issueToken } from "../../src/server/auth/jwt.js";
import { secretTokenKey } from "../../src/server/auth/token-key.js";
import { systemRuntime } from "../../src/server/runtime.js";
import type { RunningServer } from "./system.js";

/** Makes tokens for users of a server. Empty ones for a system without tokens. */
export function tokenIssuer({ secret }: Pick<RunningServer, "secret">): (userId: string) => Promise<string> {
  if (secret === "") return async () => "";
  const key = secretTokenKey(secret);
  return (userId) => issueToken({ appId: "dev", userId, key, runtime: systemRuntime });
}
