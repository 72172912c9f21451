import { describe, expect, it } from "vitest";
import { AttributeChangeKind, AttributeNotice } from "../../../gen/aldis/v1/attribute.js";
import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { AttributeLifetime } from "../../../gen/aldis/v1/session.js";
import { expired } from "../../support/joined-client.js";
import { codeOf, createConnectedClient, reconnect, type ScriptedClient } from "../../support/scripted-client.js";

const attribute = (value: string) => ({ value, lastUpdateUser: "bob", lastUpdateMs: 1 });

/** A client whose attributes end with the session, and that has set one. */
async function createWithAttributes(): Promise<ScriptedClient> {
  const scripted = await createConnectedClient({ attributesEndWithSession: true });
  const written = scripted.client.attributes.set({ mood: "calm" });
  scripted.server.stream.answer("setUserAttributes", { revision: 1 });
  await written;
  return scripted;
}

describe("own attributes", () => {
  it("are written with any key, and the write tells the revision", async () => {
    const { client, server } = await createConnectedClient();

    const written = client.attributes.update(new Map([["__proto__", "1"]]), { expectedRevision: 3 });
    server.stream.answer("updateUserAttributes", { revision: 4 });

    expect(await written).toBe(4);
    const { attributes, expectedRevision } = server.stream.call("updateUserAttributes").request;
    expect([[...attributes], expectedRevision]).toEqual([[["__proto__", "1"]], 3]);
  });

  it("fail with the present revision where another one was expected", async () => {
    const { client, server } = await createConnectedClient();

    const written = client.attributes.clear({ expectedRevision: 3 });
    server.stream.fail("clearUserAttributes", { code: ErrorCode.REVISION_CONFLICT, currentRevision: 5 });

    await expect(written).rejects.toMatchObject({ codeName: "REVISION_CONFLICT", currentRevision: 5 });
  });

  it("that end with the session are set again in the next one, unless they are still there", async () => {
    const scripted = await createWithAttributes();

    await reconnect(scripted);
    scripted.server.stream.welcome(expired);
    const { attributes, expectedRevision } = scripted.server.stream.call("setUserAttributes").request;
    scripted.server.stream.fail("setUserAttributes", { code: ErrorCode.REVISION_CONFLICT });
    await scripted.clock.advance(5_000);

    expect([[...attributes], expectedRevision]).toEqual([[["mood", "calm"]], 0]);
    expect(scripted.server.stream.hello.attributeLifetime).toBe(AttributeLifetime.SESSION);
    expect(scripted.server.stream.countOf("setUserAttributes")).toBe(1);
  });

  it("that end with the session are set again before the writes that waited for it", async () => {
    const scripted = await createWithAttributes();
    const { client, server } = scripted;

    await reconnect(scripted);
    void codeOf(client.attributes.update({ city: "Oslo" }));
    server.stream.welcome(expired);

    const operations = server.stream.calls.map(({ request }) => request?.$case);
    expect(operations.slice(-2)).toEqual(["setUserAttributes", "updateUserAttributes"]);
  });

  it("that are kept are not set again", async () => {
    const scripted = await createConnectedClient();
    const written = scripted.client.attributes.set({ mood: "calm" });
    scripted.server.stream.answer("setUserAttributes", { revision: 1 });
    await written;

    await reconnect(scripted);
    scripted.server.stream.welcome(expired);

    expect(scripted.server.stream.countOf("setUserAttributes")).toBe(0);
  });
});

describe("the attributes of others", () => {
  it("are read by key, and a user without any is not found", async () => {
    const { client, server } = await createConnectedClient();

    const read = client.attributes.get("bob", { keys: ["mood"] });
    server.stream.answer("getUserAttributes", {
      attributes: { attributes: new Map([["mood", attribute("calm")]]), revision: 2 },
    });
    const missing = codeOf(client.attributes.get("nobody"));
    server.stream.fail("getUserAttributes", { code: ErrorCode.USER_NOT_FOUND });

    expect((await read).attributes.get("mood")).toEqual(attribute("calm"));
    expect(await missing).toBe("USER_NOT_FOUND");
  });

  it("are watched again after a lost session, and told as a whole set, also in a revision that is known", async () => {
    const scripted = await createConnectedClient();
    const { client, server } = scripted;
    const told: unknown[] = [];
    client.on("userAttributesChanged", (changed) => told.push(changed));
    const watch = client.attributes.watch("bob");
    server.stream.answer("getUserAttributes", { attributes: { attributes: new Map(), revision: 2 } });
    await watch;

    await reconnect(scripted);
    server.stream.welcome(expired);
    const { request } = server.stream.call("getUserAttributes");
    server.stream.answer("getUserAttributes", {
      attributes: { attributes: new Map([["mood", attribute("wild")]]), revision: 2 },
    });

    expect(request).toMatchObject({ userId: "bob", watch: true });
    expect(told).toMatchObject([{ userId: "bob", change: { kind: AttributeChangeKind.SET, revision: 2, wholeSet: true } }]);
  });
});

describe("the attributes of a channel", () => {
  it("are written with the notice that is asked for", async () => {
    const { client, server } = await createConnectedClient();

    const written = client.channel("room").attributes.set({ topic: "tea" }, { notice: AttributeNotice.WHOLE_SET });
    server.stream.answer("setChannelAttributes", { revision: 1 });

    expect(await written).toBe(1);
    const { channel, attributes, notice } = server.stream.call("setChannelAttributes").request;
    expect([channel, [...attributes], notice]).toEqual(["room", [["topic", "tea"]], AttributeNotice.WHOLE_SET]);
  });

  it("come with a join where they are asked for", async () => {
    const { client, server } = await createConnectedClient();

    const join = client.channel("room").join({ includeAttributes: true });
    server.stream.answer("joinChannel", {
      position: { epoch: "e1", offset: 1 },
      attributes: { attributes: new Map([["topic", attribute("tea")]]), revision: 4 },
    });

    expect((await join).attributes?.attributes.get("topic")?.value).toBe("tea");
  });
});
