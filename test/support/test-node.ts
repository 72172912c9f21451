// A node on a manual clock, with tokens for everybody: what most tests of the server begin with.

import { TokenRights } from "../../gen/aldis/v1/admin_service.js";
import { ErrorCode } from "../../gen/aldis/v1/error.js";
import { Capability, type Hello, type Resume } from "../../gen/aldis/v1/session.js";
import type { Call, CallResult } from "../../gen/aldis/v1/stream.js";
import { defaultLimits, type Limits } from "../../gen/aldis/v1/tables/limits.js";
import type { AdminKeys } from "../../src/server/auth/admin-keys.js";
import type { TokenVerifier } from "../../src/server/auth/token-verifier.js";
import { type AldisNode, createNode } from "../../src/server/compose.js";
import type { Engine } from "../../src/server/engine/engine.js";
import { type Logger, silentLogger } from "../../src/server/observe/log.js";
import type { Tracer } from "../../src/server/observe/tracer.js";
import type { Runtime } from "../../src/server/runtime.js";
import { createManualRuntime, type ManualRuntime } from "./manual-runtime.js";
import { directDoor, type LinkFaults, RawClient } from "./raw-client.js";

export const testApp = "test";

/** The time between two heartbeats of a client, in milliseconds. */
const heartbeatMs = 4_000;

/** A token of tests: readable, and good for whom it names. `expiresAtMs` 0 is never. */
export function testToken(userId: string, expiresAtMs = 0, rights: Partial<TokenRights> = {}, appId = testApp): string {
  return Buffer.from(JSON.stringify({ userId, expiresAtMs, rights, appId })).toString("base64url");
}

/** Takes the tokens of `testToken`. */
export function testVerifier(runtime: ManualRuntime): TokenVerifier {
  return {
    serves: (appId) => appId === testApp,
    async verify(token) {
      try {
        const { userId, expiresAtMs, rights, appId = testApp } = JSON.parse(Buffer.from(token, "base64url").toString());
        if (expiresAtMs !== 0 && expiresAtMs <= runtime.clock.now())
          return { ok: false, code: ErrorCode.TOKEN_EXPIRED, message: "over" };
        return { ok: true, claims: { appId, userId, issuedAtMs: 0, expiresAtMs, rights: TokenRights.create(rights) } };
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
  connect(faults?: LinkFaults): RawClient;
  /** A user who has logged in, and whose welcome has come. */
  login(userId: string, hello?: Partial<Hello>, faults?: LinkFaults): Promise<RawClient>;
  /** A new link that goes on with a client's session, with what the client has received of it. */
  resume(client: RawClient, userId: string, more?: Partial<Resume>, hello?: Partial<Hello>): Promise<RawClient>;
  /** Calls, and gives the answer that there is when all has settled. */
  ask(client: RawClient, request: NonNullable<Call["request"]>): Promise<CallResult["outcome"]>;
  /** Lets time pass, in which the given clients keep themselves alive. */
  pass(ms: number, ...alive: RawClient[]): Promise<void>;
}

export interface TestNodeOptions {
  /** The runtime of a former node, to go on in its time. */
  readonly runtime?: ManualRuntime;
  /** The node's own part of that time; by default all of it. */
  readonly process?: Runtime;
  /** By default "node". */
  readonly nodeId?: string;
  /** The memory that the node believes to use; by default none. */
  readonly residentBytes?: () => number;
  /** Opens the node's engine. By default it has one in memory. */
  readonly openEngine?: (runtime: ManualRuntime) => Engine;
  /** Where the node logs; by default nowhere. */
  readonly logger?: Logger;
  /** Where the node tells what it has done; by default nowhere. */
  readonly tracer?: Tracer;
  readonly adminKeys?: AdminKeys;
}

/** Starts a node. Limits are those of the protocol but for the given ones. */
export async function startTestNode(limits: Partial<Limits> = {}, options: TestNodeOptions = {}): Promise<TestNode> {
  const { runtime = createManualRuntime(), openEngine, logger = silentLogger(), tracer, adminKeys } = options;
  const { process = runtime, nodeId = "node" } = options;
  const config = {
    appId: testApp,
    nodeId,
    allowNoToken: false,
    storeForAway: false,
    appServerHosts: [],
    appServerNetworks: [],
    trustedNetworks: [],
    limits: { ...defaultLimits, ...limits },
  };
  const verifier = testVerifier(runtime);
  const parts = {
    config,
    verifier,
    runtime: process,
    logger,
    tracer,
    adminKeys,
    residentBytes: options.residentBytes ?? (() => 0),
  };
  const node = await createNode({ ...parts, engine: openEngine?.(runtime) });
  const connect = (faults?: LinkFaults, lastCallId = 0) => new RawClient(directDoor(node.accept, faults), lastCallId);
  const greet = async (client: RawClient, userId: string, hello: Partial<Hello>) => {
    client.hello({ appId: testApp, userId, token: testToken(userId), capabilities: [Capability.BINARY_MESSAGES], ...hello });
    await runtime.settle();
    return client;
  };
  return {
    runtime,
    node,
    connect,
    login: (userId, hello = {}, faults) => greet(connect(faults), userId, hello),
    resume(client, userId, more = {}, hello = {}) {
      const { sessionId, resumeToken } = client.welcome;
      const { events, results } = client.received;
      const resume = { sessionId, resumeToken, eventsReceived: events, resultsReceived: results, ...more };
      return greet(connect(undefined, client.latestCallId), userId, { resume, ...hello });
    },
    async ask(client, request) {
      const call = client.call(request);
      await runtime.settle();
      return client.resultOf(call);
    },
    async pass(ms, ...alive) {
      for (let left = ms; left > 0; left -= heartbeatMs) {
        for (const client of alive) client.ping();
        await runtime.advanceAsync(Math.min(left, heartbeatMs));
      }
    },
  };
}
