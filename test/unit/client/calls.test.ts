import { describe, expect, it } from "vitest";
import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { Limit } from "../../../gen/aldis/v1/limit.js";
import { DeliveryOutcome, SendConfirmation } from "../../../gen/aldis/v1/message.js";
import { AldisError } from "../../../src/client/error.js";
import { codeOf, createConnectedClient, createScriptedClient, peerMessage, reconnect } from "../../support/scripted-client.js";

describe("a call", () => {
  it("is answered by its result", async () => {
    const { client, server } = await createConnectedClient();

    const member = client.isMember("room", "bob");
    server.stream.answer("checkMembership", { isMember: true });

    expect(await member).toBe(true);
    expect(server.stream.call("checkMembership").request).toEqual({ channel: "room", userId: "bob" });
  });

  it("fails with all that the server says", async () => {
    const { client, server } = await createConnectedClient();

    const query = client.queryPresence(["bob"]);
    server.stream.fail("queryPresence", {
      code: ErrorCode.RATE_LIMITED,
      message: "Wait.",
      field: "user_ids",
      limit: "LIMIT_PRESENCE_QUERIES",
      limitValue: 10,
      retryAfterMs: 700,
    });
    const error = await query.catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(AldisError);
    expect(error).toMatchObject({ code: ErrorCode.RATE_LIMITED, codeName: "RATE_LIMITED", retryable: true, message: "Wait." });
    expect(error).toMatchObject({ field: "user_ids", limit: "LIMIT_PRESENCE_QUERIES", limitValue: 10, retryAfterMs: 700 });
  });

  it.each([
    ["a code that the client does not know", { $case: "error" as const, value: { code: 999 as never, message: "?" } }],
    ["no answer", undefined],
    ["the answer to another operation", { $case: "logout" as const, value: {} }],
  ])("fails with INTERNAL for %s", async (_, outcome) => {
    const { client, server } = await createConnectedClient();

    const query = codeOf(client.queryPresence(["bob"]));
    server.stream.batch([], [{ callId: server.stream.call("queryPresence").callId, outcome }]);

    expect(await query).toBe("INTERNAL");
  });

  it("fails with TIMEOUT after 12 seconds, and its late result is counted only", async () => {
    const { client, server, clock } = await createConnectedClient();

    const query = codeOf(client.queryPresence(["bob"]));
    await clock.advance(11_900);
    server.stream.control({ $case: "pong", value: { nonce: 1, serverTimeMs: 1 } });
    await clock.advance(100);
    server.stream.answer("queryPresence");
    server.stream.events(peerMessage("one"));

    expect(await query).toBe("TIMEOUT");
    expect(server.stream.acks.at(-1)).toEqual({ events: 1, results: 1 });
  });

  it("is given up by its signal", async () => {
    const { client } = await createConnectedClient();
    const controller = new AbortController();

    const query = codeOf(client.queryPresence(["bob"], { signal: controller.signal }));
    controller.abort();

    expect(await query).toBe("CANCELED");
  });

  it("with a raised signal is not sent", async () => {
    const { client, server } = await createConnectedClient();

    expect(await codeOf(client.queryPresence(["bob"], { signal: AbortSignal.abort() }))).toBe("CANCELED");
    expect(server.stream.calls).toEqual([]);
  });

  it("leaves no timer behind", async () => {
    const { client, server, clock } = await createConnectedClient();
    const before = clock.plannedTasks;

    const query = client.queryPresence(["bob"]);
    server.stream.events(peerMessage("one"));
    server.stream.batch([peerMessage("two")], [server.stream.resultOf("queryPresence")]);
    await query;

    expect(clock.plannedTasks).toBe(before);
  });

  it("before the login fails with NOT_LOGGED_IN", async () => {
    const { client } = createScriptedClient();

    expect(await codeOf(client.queryPresence(["bob"]))).toBe("NOT_LOGGED_IN");
  });

  it("beyond the limit of calls in flight fails with RATE_LIMITED", async () => {
    const { client } = await createConnectedClient({}, { limits: [{ limit: Limit.CALLS_IN_FLIGHT, value: 1 }] });
    void client.queryPresence(["bob"]).catch(() => {});

    const error = await client.queryPresence(["bob"]).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ codeName: "RATE_LIMITED", limit: "LIMIT_CALLS_IN_FLIGHT", limitValue: 1 });
  });

  it("that is too large for a frame fails without being sent", async () => {
    const { client, server } = await createConnectedClient();

    const send = codeOf(client.sendToPeer("bob", new Uint8Array(200_000)));

    expect(await send).toBe("PAYLOAD_TOO_LARGE");
    expect(server.stream.calls).toEqual([]);
  });

  it("that cannot be encoded fails with INVALID_ARGUMENT", async () => {
    const { client } = await createConnectedClient();

    expect(await codeOf(client.call("listMembers", { maxMembers: -1 }))).toBe("INVALID_ARGUMENT");
  });
});

describe("a message to a peer", () => {
  it("carries what the application asks for", async () => {
    const { client, server } = await createConnectedClient();

    const send = client.sendToPeer(
      "bob",
      { binary: Uint8Array.of(1, 2), description: "image/png" },
      { confirmation: SendConfirmation.ACCEPTED, storeIfAway: true, storeForMs: 5_000, receiptLater: true },
    );
    server.stream.answer("sendPeerMessage", { outcome: DeliveryOutcome.STORED, messageId: "m", serverTimeMs: 9 });

    expect(await send).toEqual({ outcome: DeliveryOutcome.STORED, messageId: "m", serverTimeMs: 9 });
    expect(server.stream.call("sendPeerMessage").request).toMatchObject({
      receiver: "bob",
      payload: { description: "image/png" },
      clientMessageId: "id-1",
      confirmation: SendConfirmation.ACCEPTED,
      storeIfAway: true,
      storeForMs: 5_000,
      receiptLater: true,
    });
  });

  it("comes to the listeners as a text or as bytes", async () => {
    const { client, server } = await createConnectedClient();
    const payloads: unknown[] = [];
    client.on("peerMessage", ({ payload }) => payloads.push(payload));
    const binary = { content: { $case: "binary" as const, value: Uint8Array.of(7) }, description: "raw" };

    server.stream.events(peerMessage("hi"), peerMessage("bytes", { payload: binary }));

    expect(payloads).toMatchObject([{ text: "hi", description: "" }, { description: "raw" }]);
    expect(payloads[1]).toHaveProperty("binary.0", 7);
  });
});

describe("a listener", () => {
  it("that throws is reported and does not disturb the next", async () => {
    const warnings: string[] = [];
    const { client, server } = await createConnectedClient({ logger: { warn: (message) => warnings.push(message) } });
    const told: string[] = [];
    client.on("peerMessage", () => {
      throw new Error("Oops.");
    });
    client.on("peerMessage", ({ messageId }) => told.push(messageId));

    server.stream.events(peerMessage("one"));

    expect(told).toEqual(["one"]);
    expect(warnings).toEqual(['A listener of "peerMessage" threw.']);
    expect(server.stream.acks).toHaveLength(1);
  });

  it("is told nothing once it is removed, also where another one is the same function", async () => {
    const { client, server } = await createConnectedClient();
    let calls = 0;
    const listener = () => {
      calls += 1;
    };
    const remove = client.on("peerMessage", listener);
    client.on("peerMessage", listener);

    remove();
    remove();
    server.stream.events(peerMessage("one"));

    expect(calls).toBe(1);
  });
});

describe("the token", () => {
  const willExpire = { $case: "tokenWillExpire" as const, value: { expiresAtMs: 5, sessionEndsAtMs: 9, expired: false } };

  it("is renewed from its source before it expires", async () => {
    let tokens = 0;
    const { client, server, clock } = await createConnectedClient({ token: async () => `token-${++tokens}` });
    const told: number[] = [];
    client.on("tokenWillExpire", ({ expiresAtMs }) => told.push(expiresAtMs));

    server.stream.control(willExpire);
    await clock.settle();

    expect(told).toEqual([5]);
    expect(server.stream.call("renewToken").request).toEqual({ token: "token-2" });
  });

  it("that is a fixed text is renewed by the application only", async () => {
    const { server, clock } = await createConnectedClient();

    server.stream.control(willExpire);
    await clock.settle();

    expect(server.stream.calls).toEqual([]);
  });

  it("that cannot be renewed is told, and the session goes on", async () => {
    const { client, server, clock, transitions } = await createConnectedClient({ token: () => "token" });
    const told: string[] = [];
    client.on("tokenExpired", ({ error }) => told.push(error.codeName));

    server.stream.control(willExpire);
    await clock.settle();
    server.stream.fail("renewToken", { code: ErrorCode.INVALID_TOKEN });
    await clock.settle();

    expect(told).toEqual(["INVALID_TOKEN"]);
    expect(transitions.at(-1)).toBe("CONNECTED/LOGIN_SUCCESS");
  });

  it("is asked for again, with patience, while its source fails", async () => {
    let asked = 0;
    const token = async (): Promise<string> => {
      asked += 1;
      if (asked === 2) throw new Error("the application is away");
      return `token-${asked}`;
    };
    const { client, server, clock } = await createConnectedClient({ token });
    const told: string[] = [];
    client.on("tokenExpired", ({ error }) => told.push(error.codeName));

    server.stream.control(willExpire);
    await clock.settle();
    const callsBefore = server.stream.calls.length;
    await clock.advance(1000);
    await clock.settle();

    expect(callsBefore).toBe(0);
    expect(server.stream.call("renewToken").request).toEqual({ token: "token-3" });
    expect(told).toEqual([]);
  });

  it("that has expired is told", async () => {
    const { client, server } = await createConnectedClient();
    const told: string[] = [];
    client.on("tokenExpired", ({ error }) => told.push(error.codeName));

    server.stream.control({ ...willExpire, value: { ...willExpire.value, expired: true } });

    expect(told).toEqual(["TOKEN_EXPIRED"]);
  });

  it("that the application gives is used for the next login", async () => {
    const scripted = await createConnectedClient();
    const { client, server } = scripted;

    const renewal = client.renewToken("better");
    server.stream.answer("renewToken", { expiresAtMs: 77 });
    await reconnect(scripted);

    expect(await renewal).toEqual({ expiresAtMs: 77 });
    expect(server.stream.hello.token).toBe("better");
  });

  it("that the server refuses is not used for the next login", async () => {
    const scripted = await createConnectedClient();
    const { client, server, clock } = scripted;

    const renewal = codeOf(client.renewToken("worse"));
    server.stream.fail("renewToken", { code: ErrorCode.INVALID_TOKEN });
    await clock.settle();
    await reconnect(scripted);

    expect(await renewal).toBe("INVALID_TOKEN");
    expect(server.stream.hello.token).toBe("token-1");
  });
});
