import { describe, expect, it } from "vitest";
import {
  BanUserRequest,
  KickUserRequest,
  ListSessionsRequest,
  TraceMessageRequest,
} from "../../../gen/aldis/v1/admin_service.js";
import { GoodbyeReason } from "../../../gen/aldis/v1/connection.js";
import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import {
  type AdminOperationName,
  type AdminOperations,
  adminOperations,
} from "../../../gen/aldis/v1/tables/admin-operations.js";
import { AdminKeys } from "../../../src/server/auth/admin-keys.js";
import { logout } from "../../support/requests.js";
import { type ClusterNode, createTestCluster } from "../../support/test-cluster.js";
import { testApp } from "../../support/test-node.js";

const key = "k".repeat(40);
const alices = { appId: testApp, userId: "alice" };

async function operated() {
  const cluster = createTestCluster({}, { adminKeys: new AdminKeys([{ name: "ops", key }]) });
  const [one, other] = [await cluster.start("one"), await cluster.start("other")];
  /** What an operator's call to a node gives after a time: the answer, or the code of the error. */
  async function call<K extends AdminOperationName>(
    { node }: ClusterNode,
    name: K,
    request: AdminOperations[K]["request"],
    ms = 0,
  ): Promise<AdminOperations[K]["response"] | ErrorCode | undefined> {
    const taken = node.adminCalls?.take(name, adminOperations[name].request.encode(request).finish(), [`Bearer ${key}`]);
    await cluster.runtime.advanceAsync(ms);
    const answered = await taken;
    return answered?.ok ? adminOperations[name].response.decode(answered.response) : answered?.error.code;
  }
  return { ...cluster, one, other, call };
}

describe("an operator of several nodes", () => {
  it("hears that the node of a session does not answer; a ban is in force all the same", async () => {
    const { one, other, call, engine } = await operated();
    await other.login("alice");
    other.stop();

    const kicked = await call(one, "kickUser", KickUserRequest.create(alices), 6_000);
    const banned = await call(one, "banUser", BanUserRequest.create(alices), 6_000);

    expect([kicked, banned]).toEqual([ErrorCode.UNAVAILABLE, ErrorCode.UNAVAILABLE]);
    expect(await engine.bans.find(alices, "", 0)).toBeDefined();
    expect((await one.login("alice")).goodbye?.error?.code).toBe(ErrorCode.USER_BANNED);
  });

  it("reaches a user who moves to another node while it is looked for", async () => {
    const { one, other, call } = await operated();
    const old = await other.login("alice");
    other.connection.delayMs = () => 50;
    let moved: ReturnType<ClusterNode["login"]> | undefined;
    one.connection.losesAnswer = (method) => {
      if (method === "nodes.send" && moved === undefined) {
        old.call(logout());
        moved = one.login("alice");
      }
      return false;
    };

    await call(one, "kickUser", KickUserRequest.create(alices), 1_000);

    expect((await moved)?.goodbye?.reason).toBe(GoodbyeReason.KICKED_BY_SERVER);
  });

  it("sees the sessions and the trace of the nodes that answer", async () => {
    const { one, other, call } = await operated();
    await one.login("bob");
    await other.login("alice");
    const list = (ms: number) => call(one, "listSessions", ListSessionsRequest.create({ appId: testApp }), ms);
    const subject = { $case: "userId" as const, value: "alice" };
    const trace = (ms: number) => call(one, "traceMessage", TraceMessageRequest.create({ appId: testApp, subject }), ms);

    const [all, whole] = [await list(100), await trace(100)];
    other.stop();
    const [some, rest] = [await list(6_000), await trace(6_000)];

    expect(all).toMatchObject({ sessions: [{ userId: "alice" }, { userId: "bob" }], sessionCount: 2 });
    expect(some).toMatchObject({ sessions: [{ userId: "bob" }], sessionCount: 2 });
    expect(whole).toMatchObject({ steps: [{ nodeId: "other" }] });
    expect(rest).toEqual({ steps: [], truncated: true });
  });
});
