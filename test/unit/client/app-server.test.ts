import { describe, expect, it } from "vitest";
import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { expired } from "../../support/joined-client.js";
import { codeOf, createConnectedClient, reconnect } from "../../support/scripted-client.js";

/** A client that has set an application server. */
async function createWithAppServer() {
  const scripted = await createConnectedClient();
  const { client, server } = scripted;
  const set = client.appServer.set("https://example.com/", "signed");
  server.stream.answer("setAppServer");
  await set;
  return scripted;
}

const notSet = { code: ErrorCode.APP_SERVER_NOT_SET };

describe("the client's application server", () => {
  it("gets texts and bytes, and a send resolves with the reply", async () => {
    const { client, server } = await createWithAppServer();

    const asText = client.appServer.send("hi");
    const text = server.stream.call("sendAppServerMessage").request.content;
    server.stream.answer("sendAppServerMessage", { reply: Uint8Array.of(1) });
    const asBytes = client.appServer.send(Uint8Array.of(2));
    const binary = server.stream.call("sendAppServerMessage").request.content;
    server.stream.answer("sendAppServerMessage", { reply: Uint8Array.of(3) });

    expect([text, binary]).toEqual([
      { $case: "text", value: "hi" },
      { $case: "binary", value: Uint8Array.of(2) },
    ]);
    expect(await Promise.all([asText, asBytes])).toEqual([Uint8Array.of(1), Uint8Array.of(3)]);
  });

  it("is set again by the first send of a new session", async () => {
    const scripted = await createWithAppServer();
    const { client, server, clock } = scripted;
    await reconnect(scripted);
    server.stream.welcome(expired);

    const sending = client.appServer.send("hi");
    server.stream.fail("sendAppServerMessage", notSet);
    await clock.advance(1);
    const { request } = server.stream.call("setAppServer");
    server.stream.answer("setAppServer");
    await clock.advance(1);
    server.stream.answer("sendAppServerMessage", { reply: Uint8Array.of(1) });

    expect(request).toEqual({ url: "https://example.com/", signature: "signed" });
    expect(await sending).toEqual(Uint8Array.of(1));
    expect(server.stream.countOf("sendAppServerMessage")).toBe(2);
  });

  it("is not set by itself where the application has set none, or has removed it", async () => {
    const { client, server } = await createWithAppServer();
    const removed = client.appServer.set("");
    server.stream.answer("setAppServer");
    await removed;

    const sending = codeOf(client.appServer.send("hi"));
    server.stream.fail("sendAppServerMessage", notSet);

    expect(await sending).toBe("APP_SERVER_NOT_SET");
    expect(server.stream.countOf("setAppServer")).toBe(2);
  });

  it("is tried once: a send that fails is not made again", async () => {
    const { client, server } = await createWithAppServer();

    const sending = codeOf(client.appServer.send("hi"));
    server.stream.fail("sendAppServerMessage", { code: ErrorCode.APP_SERVER_UNREACHABLE });

    expect(await sending).toBe("APP_SERVER_UNREACHABLE");
    expect(server.stream.countOf("sendAppServerMessage")).toBe(1);
  });
});
