import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, it, onTestFinished } from "vitest";
import { ErrorCode as NativeErrorCode } from "../../../gen/aldis/v1/error.js";
import { defaultLimits, type Limits } from "../../../gen/aldis/v1/tables/limits.js";
import { ServerParamsResult, UserMessageSendResult } from "../../../src/client/dialect/rts/index.js";
import { startDialectServer } from "../../support/dialect-server.js";
import { expired } from "../../support/joined-client.js";
import { createEngine, createScriptedEngine, loginEngine, loginScriptedEngine, nextTry } from "./support.js";

interface Answer {
  readonly status?: number;
  readonly body?: string;
}

/** An application server on a free port, which answers as asked and writes down what is posted. */
async function startAppServer(answer: (posted: string) => Answer = () => ({ body: "done" })) {
  const posts: { readonly method: string | undefined; readonly type: string | undefined; readonly body: unknown }[] = [];
  const http = createServer((request: IncomingMessage, response) => {
    text(request).then((body) => {
      posts.push({ method: request.method, type: request.headers["content-type"], body: JSON.parse(body) });
      const { status = 200, body: reply = "" } = answer(JSON.parse(body).message);
      response.writeHead(status).end(reply);
    }, response.destroy);
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  onTestFinished(() => {
    http.closeAllConnections();
    http.close();
  });
  const host = `127.0.0.1:${(http.address() as AddressInfo).port}`;
  return { host, url: `http://${host}/hook`, posts };
}

/** A server that may call application servers on this machine. */
async function startServer(hosts: readonly string[], limits: Partial<Limits> = {}) {
  return await startDialectServer({
    appServerHosts: [...hosts],
    appServerNetworks: ["127.0.0.0/8"],
    limits: { ...defaultLimits, ...limits },
  });
}

describe("the application server", () => {
  it("V-M16 V-M20 V-C12 V-C17 gets a text with the signature, and its answer comes to the sender", async () => {
    const app = await startAppServer((message) => ({ body: `you said ${message}` }));
    const server = await startServer([app.host]);
    const { rts, recorder } = await loginEngine(server, "alice");
    recorder.clear();

    rts.setServerParams("signed", app.url);
    await recorder.until("onServerParamsSetResult");
    const id = rts.sendServerMessage("hallo ✓");
    await recorder.until("onServerMessageSendResult");

    expect(id).toBe(1);
    expect(recorder.told).toEqual([
      ["onServerParamsSetResult", ServerParamsResult.Success],
      ["onServerMessageSendResult", 1, UserMessageSendResult.Success, "you said hallo ✓"],
    ]);
    expect(app.posts).toEqual([
      {
        method: "POST",
        type: expect.stringContaining("application/json"),
        body: { message: "hallo ✓", binary: false, signature: "signed" },
      },
    ]);
  });

  it("V-M21 V-C17 gets bytes in base64", async () => {
    const app = await startAppServer();
    const server = await startServer([app.host]);
    const { rts, recorder } = await loginEngine(server, "alice");
    rts.setServerParams("signed", app.url);

    rts.sendServerBinaryMessage(new Uint8Array([0, 1, 255]));

    expect(await recorder.until("onServerMessageSendResult")).toEqual([1, 0, "done"]);
    expect(app.posts.map(({ body }) => body)).toEqual([{ message: "AAH/", binary: true, signature: "signed" }]);
  });

  it("V-M20 V-E05 V-E14 needs a login and an address: 105, and 106", async () => {
    const server = await startServer([]);
    const stranger = createEngine(server.appId, { address: server.address });
    const alice = await loginEngine(server, "alice");

    stranger.rts.setServerParams("signed", "http://localhost");
    stranger.rts.sendServerMessage("hi");
    alice.rts.sendServerMessage("hi");

    expect(await stranger.recorder.until("onServerParamsSetResult")).toEqual([UserMessageSendResult.NotLogin]);
    expect(await stranger.recorder.until("onServerMessageSendResult")).toEqual([1, UserMessageSendResult.NotLogin, ""]);
    expect(await alice.recorder.until("onServerMessageSendResult")).toEqual([1, UserMessageSendResult.ServerParamsNotSet, ""]);
  });

  it("V-L06 V-E14 is only at a host that the operator allows: 17, and nothing is called", async () => {
    const app = await startAppServer();
    const server = await startServer(["api.example.com"]);
    const { rts, recorder } = await loginEngine(server, "alice");

    rts.setServerParams("signed", app.url);
    await recorder.until("onServerParamsSetResult");
    rts.sendServerMessage("hi");
    await recorder.until("onServerMessageSendResult");

    expect(recorder.events.slice(1)).toEqual([
      ["onServerParamsSetResult", UserMessageSendResult.E2BSSendFailed],
      ["onServerMessageSendResult", 1, UserMessageSendResult.ServerParamsNotSet, ""],
    ]);
    expect(app.posts).toEqual([]);
  });

  it("V-L06 V-E05 that does not answer is 17; a status other than 200, also a redirect, and a reply too long are 18", async () => {
    const app = await startAppServer((message) => ({
      status: Number(message),
      body: message === "200" ? "x".repeat(64 * 1024 + 1) : "",
    }));
    const server = await startServer([app.host, "127.0.0.1:1"]);
    const { rts, recorder } = await loginEngine(server, "alice");
    rts.setServerParams("signed", app.url);

    for (const status of ["500", "204", "302", "200"]) rts.sendServerMessage(status);
    await recorder.until("onServerMessageSendResult", 4);
    rts.setServerParams("signed", "http://127.0.0.1:1/");
    rts.sendServerMessage("hi");
    await recorder.until("onServerMessageSendResult", 5);

    expect(Object.fromEntries(recorder.of("onServerMessageSendResult"))).toEqual({ 1: 18, 2: 18, 3: 18, 4: 18, 5: 17 });
    expect(recorder.of("onServerMessageSendResult").every(([, , reply]) => reply === "")).toBe(true);
  });

  it("V-L06 V-L03 V-E05 takes 64 KiB at most (103), and so many messages a second (5)", async () => {
    const app = await startAppServer();
    const server = await startServer([app.host], { appServerSends: 3 });
    const { rts, recorder } = await loginEngine(server, "alice");
    rts.setServerParams("signed", app.url);

    rts.sendServerMessage("x".repeat(64 * 1024 + 1));
    for (let sent = 0; sent < 4; sent += 1) rts.sendServerMessage("hi");
    await recorder.until("onServerMessageSendResult", 5);

    const results = recorder.of("onServerMessageSendResult").map(([, result]) => result);
    expect(results.filter((result) => result === UserMessageSendResult.ExceedMaxLength)).toHaveLength(1);
    expect(results.filter((result) => result === UserMessageSendResult.ExceedQPS).length).toBeGreaterThanOrEqual(1);
    expect(defaultLimits.appServerSends).toBe(20);
  });

  it("V-M16 V-C12 has its address set again after each reconnection, and its result told again", async () => {
    const engine = await loginScriptedEngine();
    const { rts, recorder, server, clock } = engine;
    rts.setServerParams("signed", "https://api.example.com/");
    server.stream.answer("setAppServer");
    await clock.settle();

    server.stream.drop();
    await nextTry(engine);
    server.stream.welcome(expired);
    const again = server.stream.call("setAppServer").request;
    server.stream.answer("setAppServer");
    await clock.settle();

    expect(again).toEqual({ url: "https://api.example.com/", signature: "signed" });
    expect(recorder.of("onServerParamsSetResult")).toEqual([[200], [200]]);
  });

  it("V-M16 belongs to a login: the next one begins without it", async () => {
    const app = await startAppServer();
    const server = await startServer([app.host]);
    const { rts, recorder } = await loginEngine(server, "alice");
    rts.setServerParams("signed", app.url);
    await recorder.until("onServerParamsSetResult");

    rts.logout();
    rts.login(await server.token("alice"), "alice");
    await recorder.until("onLoginResult", 2);
    rts.sendServerMessage("hi");

    expect(await recorder.until("onServerMessageSendResult")).toEqual([1, UserMessageSendResult.ServerParamsNotSet, ""]);
  });

  it.each([
    [NativeErrorCode.TIMEOUT, UserMessageSendResult.Timeout],
    [NativeErrorCode.APP_SERVER_UNREACHABLE, UserMessageSendResult.E2BSSendFailed],
    [NativeErrorCode.APP_SERVER_NOT_ALLOWED, UserMessageSendResult.E2BSSendFailed],
    [NativeErrorCode.APP_SERVER_BAD_REPLY, UserMessageSendResult.E2BSReturnFailed],
    [NativeErrorCode.INTERNAL, UserMessageSendResult.Unknown],
  ])("V-E05 V-C17 of the error %i is %i, without a reply", async (code, result) => {
    const { rts, recorder, server, clock } = await loginScriptedEngine();
    rts.sendServerMessage("hi");

    server.stream.fail("sendAppServerMessage", { code });
    await clock.settle();

    expect(recorder.of("onServerMessageSendResult")).toEqual([[1, result, ""]]);
  });

  it("V-M20 V-M21 return -1 when the engine is destroyed", () => {
    const { rts } = createScriptedEngine();

    rts.destroyRTS();

    expect([rts.sendServerMessage("hi"), rts.sendServerBinaryMessage(new Uint8Array(1))]).toEqual([-1, -1]);
  });
});
