import { describe, expect, it } from "vitest";
import { BanUserRequest, KickUserRequest, RevokeTokensRequest } from "../../gen/aldis/v1/admin_service.js";
import { GoodbyeReason } from "../../gen/aldis/v1/connection.js";
import { ErrorCode } from "../../gen/aldis/v1/error.js";
import { type AdminOperationName, type AdminOperations, adminOperations } from "../../gen/aldis/v1/tables/admin-operations.js";
import { defaultLimits } from "../../gen/aldis/v1/tables/limits.js";
import { AdminKeys } from "../../src/server/auth/admin-keys.js";
import type { TokenVerifier } from "../../src/server/auth/token-verifier.js";
import { type AldisNode, createNode } from "../../src/server/compose.js";
import { defaultConfig } from "../../src/server/config.js";
import { createEmbeddedEngine } from "../../src/server/engine/embedded/embedded-engine.js";
import { silentLogger } from "../../src/server/observe/log.js";
import { createManualRuntime } from "../support/manual-runtime.js";
import { directDoor, RawClient } from "../support/raw-client.js";
import { answer, join, only } from "../support/requests.js";
import { testApp, testToken, testVerifier } from "../support/test-node.js";

const key = "k".repeat(40);
const ann = { appId: testApp, userId: "ann" };

/** Two nodes of a cluster, with one engine between them. */
async function startCluster({ verify }: { verify?: TokenVerifier["verify"] } = {}) {
  const runtime = createManualRuntime();
  const engine = createEmbeddedEngine({ runtime, limits: defaultLimits });
  const verifier = { ...testVerifier(runtime), ...(verify && { verify }) };
  const start = (nodeId: string) => {
    const config = { ...defaultConfig("nowhere"), appId: testApp, nodeId };
    return createNode({
      config,
      engine,
      verifier,
      adminKeys: new AdminKeys([{ name: "ops", key }]),
      runtime,
      logger: silentLogger(),
    });
  };
  const [here, there] = [await start("here"), await start("there")];
  const greet = (node: AldisNode, userId: string) => {
    const client = new RawClient(directDoor(node.accept), 0);
    client.hello({ appId: testApp, userId, token: testToken(userId) });
    return client;
  };
  return {
    runtime,
    here,
    there,
    greet,
    async login(node: AldisNode, userId: string) {
      const client = greet(node, userId);
      await runtime.settle();
      return client;
    },
    async call<K extends AdminOperationName>(node: AldisNode, name: K, request: AdminOperations[K]["request"]) {
      const bytes = adminOperations[name].request.encode(request).finish();
      const answered = await node.adminCalls?.take(name, bytes, [`Bearer ${key}`]);
      if (!answered?.ok) throw new Error(`${name} failed with ${JSON.stringify(answered?.error)}`);
      return adminOperations[name].response.decode(answered.response);
    },
  };
}

/** Why the server said goodbye to a client. */
function goodbyeOf(client: RawClient): GoodbyeReason | undefined {
  const goodbye = client.controls.findLast((control) => control.$case === "goodbye");
  return goodbye?.$case === "goodbye" ? goodbye.value.reason : undefined;
}

describe("an operator in a cluster", () => {
  it("kicks a user on another node", async () => {
    const { here, there, login, call } = await startCluster();
    const client = await login(there, "ann");

    const kicked = await call(here, "kickUser", KickUserRequest.create(ann));

    expect(kicked).toEqual({ wasPresent: true });
    expect(goodbyeOf(client)).toBe(GoodbyeReason.KICKED_BY_SERVER);
  });

  it("bans a user on another node from a channel, and sees its session", async () => {
    const { here, there, login, call, runtime } = await startCluster();
    const client = await login(there, "ann");
    client.call(join("room"));
    await runtime.settle();

    const { session } = await call(here, "getSession", ann);
    await call(here, "banUser", BanUserRequest.create({ ...ann, channel: "room" }));
    const again = client.call(join("room"));
    await runtime.settle();

    expect(session).toMatchObject({ userId: "ann", nodeId: "there", channels: ["room"] });
    expect(only(client.events, "channelLeft")).toMatchObject([{ channel: "room" }]);
    expect(answer(client.resultOf(again), "error").code).toBe(ErrorCode.USER_BANNED);
  });

  it("ends a session whose token was revoked, and lets one with a newer token live", async () => {
    const { here, there, login, call, runtime } = await startCluster();
    const client = await login(there, "ann");

    await call(here, "revokeTokens", RevokeTokensRequest.create({ ...ann, issuedBeforeMs: runtime.clock.now() }));
    const unhurt = await login(there, "bob");
    await call(here, "revokeTokens", RevokeTokensRequest.create({ ...ann, userId: "bob", issuedBeforeMs: 0 }));

    expect(goodbyeOf(client)).toBe(GoodbyeReason.TOKEN_EXPIRED);
    expect(goodbyeOf(unhurt)).toBe(GoodbyeReason.TOKEN_EXPIRED);
  });
});

describe("a ban", () => {
  it("meets a user whose login is under way, whenever it comes", async () => {
    for (let steps = 0; steps < 12; steps += 1) {
      const { here, greet, call, runtime } = await startCluster();
      const client = greet(here, "ann");
      for (let step = 0; step < steps; step += 1) await Promise.resolve();

      await call(here, "banUser", BanUserRequest.create(ann));
      await runtime.settle();

      expect([GoodbyeReason.BANNED_BY_SERVER, GoodbyeReason.LOGIN_REFUSED]).toContain(goodbyeOf(client));
      expect(here.sessions).toBeDefined();
    }
  });

  it("meets a user whose join is under way, whenever it comes", async () => {
    for (let steps = 0; steps < 12; steps += 1) {
      const { here, login, call, runtime } = await startCluster();
      const client = await login(here, "ann");
      client.call(join("room"));
      for (let step = 0; step < steps; step += 1) await Promise.resolve();

      await call(here, "banUser", BanUserRequest.create({ ...ann, channel: "room" }));
      await runtime.settle();
      const { session } = await call(here, "getSession", ann);

      expect(session?.channels).toEqual([]);
    }
  });
});
