// A node on a manual clock, with tokens for everybody: what most tests of the server begin with.
import { ErrorCode } from "../../gen/aldis/v1/error.js";
import { Capability, type Hello } from "../../gen/aldis/v1/session.js";
import { defaultLimits, type Limits } from "../../gen/aldis/v1/tables/limits.js";
import { TokenRights } from "../../gen/aldis/v1/admin_service.js";
import type { TokenVerifier } from "../../src/server/auth/token-verifier.js";
import { type AldisNode, createNode } from "../../src/server/compose.js";
import { silentLogger } from "../../src/server/observe/log.js";
import { createManualRuntime, type ManualRuntime } from "./manual-runtime.js";
import { directDoor, RawClient } from "./raw-client.js";

export const testApp = "test";

/** A token of tests: readable, and good for whom it names. `expiresAtMs` 0 is never. */
export function testToken(userId: string, expiresAtMs = 0, rights: Partial<TokenRights> = {}): string {
  return Buffer.from(JSON.stringify({ userId, expiresAtMs, rights })).toString("base64url");
}

/** Takes the tokens of `testToken`. */
export function testVerifier(runtime: ManualRuntime): TokenVerifier {
  return {
    async verify(token) {
      try {
        const { userId, expiresAtMs, rights } = JSON.parse(Buffer.from(token, "base64url").toString());
        if (expiresAtMs !== 0 && expiresAtMs <= runtime.clock.now()) return { ok: false, code: ErrorCode.TOKEN_EXPIRED, message: "over" };
        return { ok: true, claims: { appId: testApp, userId, issuedAtMs: 0, expiresAtMs, rights: TokenRights.create(rights) } };
      } catch {
        return { ok: false, code: ErrorCode.INVALID_TOKEN, message: "no token" };
      }
    },
  };
}

export interface TestNode {
  readonly runtime: ManualRuntime;
  readonly node: AldisNode;
  /** A new link without a hello. */
  connect(): RawClient;
  /** A user who has logged in, and whose welcome has come. */
  login(userId: string, hello?: Partial<Hello>): Promise<RawClient>;
}

/** Starts a node. Limits are those of the protocol but for the given ones. */
export async function startTestNode(limits: Partial<Limits> = {}): Promise<TestNode> {
  const runtime = createManualRuntime();
  const config = { appId: testApp, nodeId: "node", allowNoToken: false, limits: { ...defaultLimits, ...limits } };
  const node = await createNode({ config, verifier: testVerifier(runtime), runtime, logger: silentLogger() });
  const connect = () => new RawClient(directDoor(node.accept));
  return {
    runtime,
    node,
    connect,
    async login(userId, hello = {}) {
      const client = connect();
      client.hello({ appId: testApp, userId, token: testToken(userId), capabilities: [Capability.BINARY_MESSAGES], ...hello });
      await runtime.settle();
      return client;
    },
  };
}
