import { describe, expect, it } from "vitest";
import { TokenRights } from "../../../../../gen/aldis/v1/admin_service.js";
import { SendAppServerMessageRequest, SetAppServerRequest } from "../../../../../gen/aldis/v1/app_server.js";
import { ErrorCode } from "../../../../../gen/aldis/v1/error.js";
import { defaultLimits } from "../../../../../gen/aldis/v1/tables/limits.js";
import { AppServers } from "../../../../../src/server/feature/app-server/app-servers.js";
import type { AppServerPost, AppServerReply } from "../../../../../src/server/feature/app-server/network.js";
import { AppServerRules } from "../../../../../src/server/feature/app-server/rules.js";
import type { SessionContext } from "../../../../../src/server/feature/call-context.js";
import type { LiveSession } from "../../../../../src/server/feature/live-session.js";
import { Refusal } from "../../../../../src/server/feature/refusal.js";
import { createManualRuntime } from "../../../../support/manual-runtime.js";

const replied = (text: string): AppServerReply => ({ status: 200, body: Buffer.from(text) });
const text = (value: string) => SendAppServerMessageRequest.create({ content: { $case: "text", value } });
const binary = (...value: number[]) =>
  SendAppServerMessageRequest.create({ content: { $case: "binary", value: Uint8Array.from(value) } });

/** Application servers behind a network that the test plays. */
function start({ readOnly = false } = {}) {
  const runtime = createManualRuntime();
  const posts: AppServerPost[] = [];
  const network = {
    lookups: 0,
    addresses: ["93.184.215.14"],
    answer: async (): Promise<AppServerReply> => replied("yes"),
    async resolve() {
      network.lookups += 1;
      return network.addresses;
    },
    post(post: AppServerPost) {
      posts.push(post);
      return network.answer();
    },
  };
  const waiting: number[] = [];
  const rules = new AppServerRules({ appServerHosts: ["api.example.com"], appServerNetworks: [] });
  const { handlers } = new AppServers(network, rules, runtime.clock, defaultLimits, (messages) => waiting.push(messages));
  const session = () => ({}) as LiveSession;
  const context = (of: LiveSession): SessionContext => ({
    user: { appId: "app", userId: "ann" },
    rights: TokenRights.create({ readOnly }),
    session: of,
    afterAnswer: () => {},
  });
  const ann = context(session());
  const set = (url = "https://api.example.com/hook", signature = "signed", of = ann) =>
    handlers.setAppServer?.(of, SetAppServerRequest.create({ url, signature }));
  const send = (message = text("hi"), of = ann) => handlers.sendAppServerMessage?.(of, message);
  return { runtime, network, posts, waiting, set, send, stranger: () => context(session()) };
}

async function codeOf(answer: Promise<object> | undefined) {
  const given = await answer;
  return given instanceof Refusal ? given.detail.code : undefined;
}

describe("a message to the application server", () => {
  it("is posted with the signature as JSON, and the reply is the answer", async () => {
    const { set, send, posts } = start();
    await set();

    const answer = await send(text('say "hi"'));

    expect(posts[0]?.url.href).toBe("https://api.example.com/hook");
    expect(posts[0]?.body).toBe('{"message":"say \\"hi\\"","binary":false,"signature":"signed"}');
    expect(answer).toEqual({ reply: Buffer.from("yes") });
  });

  it("is posted in base64 if it is bytes", async () => {
    const { set, send, posts } = start();
    await set();

    await send(binary(0, 255, 16));

    expect(posts[0]?.body).toBe('{"message":"AP8Q","binary":true,"signature":"signed"}');
  });

  it("is refused before an address is set, after it is removed, and in another session", async () => {
    const { set, send, stranger, posts } = start();

    const before = await codeOf(send());
    await set();
    const other = await codeOf(send(text("hi"), stranger()));
    await set("");
    const after = await codeOf(send());

    const { APP_SERVER_NOT_SET } = ErrorCode;
    expect([before, other, after]).toEqual([APP_SERVER_NOT_SET, APP_SERVER_NOT_SET, APP_SERVER_NOT_SET]);
    expect(posts).toEqual([]);
  });

  it("is refused to a token for reading only", async () => {
    const { set, send, posts } = start({ readOnly: true });
    await set();

    expect(await codeOf(send())).toBe(ErrorCode.NOT_AUTHORIZED);
    expect(posts).toEqual([]);
  });

  it("keeps to the last good address when one is refused", async () => {
    const { set, send, posts } = start();
    await set();

    const refused = await codeOf(set("https://evil.com/"));
    await send();

    expect(refused).toBe(ErrorCode.APP_SERVER_NOT_ALLOWED);
    expect(posts[0]?.url.host).toBe("api.example.com");
  });

  it("goes to the addresses that were checked, and the name is looked up once for each message", async () => {
    const { set, send, posts, network } = start();
    await set();
    await send();
    network.addresses = ["127.0.0.1"];

    const rebound = await codeOf(send());

    expect(posts.map(({ addresses }) => addresses)).toEqual([["93.184.215.14"]]);
    expect(network.lookups).toBe(2);
    expect(rebound).toBe(ErrorCode.APP_SERVER_NOT_ALLOWED);
  });

  it("is refused if one of several addresses is inside", async () => {
    const { set, send, posts, network } = start();
    network.addresses = ["93.184.215.14", "10.0.0.1"];
    await set();

    expect(await codeOf(send())).toBe(ErrorCode.APP_SERVER_NOT_ALLOWED);
    expect(posts).toEqual([]);
  });

  it.each([
    ["a status that is not 200", { status: 302, body: Buffer.from("") }],
    ["an answer that is too long", { status: 200, body: undefined }],
  ])("fails with BAD_REPLY for %s", async (_, reply) => {
    const { set, send, network } = start();
    network.answer = async () => reply;
    await set();

    expect(await codeOf(send())).toBe(ErrorCode.APP_SERVER_BAD_REPLY);
  });

  it("fails with UNREACHABLE if the connection fails, and the answer shows no address", async () => {
    const { set, send, network } = start();
    network.answer = async () => {
      throw Object.assign(new Error("connect ECONNREFUSED 93.184.215.14:443"), { code: "ECONNREFUSED" });
    };
    await set();

    const answer = await send();

    expect(answer).toMatchObject({
      detail: {
        code: ErrorCode.APP_SERVER_UNREACHABLE,
        message: "the application server did not answer: ECONNREFUSED",
      },
    });
  });

  it("fails with UNREACHABLE when its time is over, and the connection is cut", async () => {
    const { set, send, network, runtime, posts } = start();
    network.answer = () => new Promise(() => {});
    await set();

    const code = codeOf(send());
    await runtime.advanceAsync(defaultLimits.appServerTimeoutMs);

    expect(await code).toBe(ErrorCode.APP_SERVER_UNREACHABLE);
    expect(posts[0]?.signal.aborted).toBe(true);
  });

  it("is not posted any more when the look-up of the name took too long", async () => {
    const { set, send, network, runtime, posts } = start();
    let found = (_addresses: string[]) => {};
    network.resolve = () => new Promise((resolve) => (found = resolve));
    await set();

    const code = codeOf(send());
    await runtime.advanceAsync(defaultLimits.appServerTimeoutMs);
    found(["93.184.215.14"]);
    await runtime.settle();

    expect(await code).toBe(ErrorCode.APP_SERVER_UNREACHABLE);
    expect(posts).toEqual([]);
  });

  it("is refused while a session has 32 that wait, and another session's is not", async () => {
    const { set, send, network, runtime, stranger, waiting } = start();
    network.answer = () => new Promise(() => {});
    const other = stranger();
    await set();
    await set("https://api.example.com/", "", other);

    const sent = Array.from({ length: 32 }, () => codeOf(send()));
    const refused = await codeOf(send());
    const others = codeOf(send(text("hi"), other));
    await runtime.advanceAsync(defaultLimits.appServerTimeoutMs);
    network.answer = async () => replied("yes");

    const { APP_SERVER_UNREACHABLE, RESOURCE_EXHAUSTED } = ErrorCode;
    expect(refused).toBe(RESOURCE_EXHAUSTED);
    expect([await others, ...new Set(await Promise.all(sent))]).toEqual([APP_SERVER_UNREACHABLE, APP_SERVER_UNREACHABLE]);
    expect(waiting).toContain(33);
    expect(waiting.at(-1)).toBe(0);
    expect(await codeOf(send())).toBeUndefined();
  });

  it("is refused while 256 of all sessions wait", async () => {
    const { set, send, network, stranger } = start();
    network.answer = () => new Promise(() => {});
    for (let sessions = 0; sessions < 8; sessions += 1) {
      const other = stranger();
      await set("https://api.example.com/", "", other);
      for (let sent = 0; sent < 32; sent += 1) void send(text("hi"), other);
    }
    await set();

    expect(await codeOf(send())).toBe(ErrorCode.RESOURCE_EXHAUSTED);
  });
});
