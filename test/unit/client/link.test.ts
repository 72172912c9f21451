import { describe, expect, it } from "vitest";
import { Limit } from "../../../gen/aldis/v1/limit.js";
import { Presence } from "../../../gen/aldis/v1/presence.js";
import { SessionStart } from "../../../gen/aldis/v1/session.js";
import { channelMessage, createConnectedClient, createScriptedClient, peerMessage } from "../../support/scripted-client.js";

const resumed = { start: SessionStart.RESUMED };
const limits = [
  { limit: Limit.ACK_EVENTS, value: 3 },
  { limit: Limit.ACK_INTERVAL_MS, value: 200 },
];

describe("acknowledgements", () => {
  it("are sent at once after a peer message", async () => {
    const { server } = await createConnectedClient();

    server.stream.events(peerMessage("one"));

    expect(server.stream.acks).toEqual([{ events: 1, results: 0 }]);
  });

  it("are sent when the listeners have had the message", async () => {
    const { client, server } = await createConnectedClient();
    const acksBefore: number[] = [];
    client.on("peerMessage", () => acksBefore.push(server.stream.acks.length));

    server.stream.events(peerMessage("one"));

    expect(acksBefore).toEqual([0]);
  });

  it("are sent at once after an invitation, and after a presence, behind which the next one waits", async () => {
    const { server } = await createConnectedClient();

    server.stream.batch([{ $case: "invitation", value: { invitationId: "i" } as never }], []);
    server.stream.batch([{ $case: "presence", value: Presence.create({ userId: "bob" }) }], []);

    expect(server.stream.acks).toEqual([
      { events: 1, results: 0 },
      { events: 2, results: 0 },
    ]);
  });

  it.each([
    [0, 150],
    [0.5, 175],
    [0.96, 198],
  ])(
    "of other events wait for three quarters to all of the interval that the server tells, by chance %d",
    async (chance, ms) => {
      const { server, clock } = await createConnectedClient({}, { limits: [{ limit: Limit.ACK_INTERVAL_MS, value: 200 }] });
      clock.chance = chance;
      server.stream.events(peerMessage("one"), channelMessage(1));

      server.stream.events(channelMessage(2));
      await clock.advance(ms - 1);
      const before = server.stream.acks.length;
      await clock.advance(1);

      const told = { events: 2, results: 0 };
      expect([before, server.stream.acks]).toEqual([1, [told, { events: 3, results: 0 }]]);
    },
  );

  it("of other events wait for the number that the server tells", async () => {
    const { client, server } = await createConnectedClient({}, { limits });
    void client.queryPresence(["bob"]);

    server.stream.events(channelMessage(1), channelMessage(2));
    const before = server.stream.acks.length;
    server.stream.answer("queryPresence");

    expect([before, server.stream.acks]).toEqual([0, [{ events: 2, results: 1 }]]);
  });

  it.each([
    ["events", { limit: Limit.REPLAY_EVENTS, value: 12 }],
    ["bytes", { limit: Limit.REPLAY_BYTES, value: 131_072 }],
  ])("come at the latest when a quarter of the %s that the server keeps has come", async (_, kept) => {
    const { server } = await createConnectedClient({}, { limits: [{ ...kept, windowMs: 0 }] });
    const message = channelMessage(1, { channel: "c".repeat(12_000) });

    for (let i = 0; i < 2; i += 1) server.stream.events(message);
    const before = server.stream.acks.length;
    server.stream.events(message);

    expect([before, server.stream.acks]).toEqual([0, [{ events: 3, results: 0 }]]);
  });

  it("are not sent when nothing has come", async () => {
    const { server, clock } = await createConnectedClient();

    server.stream.control({ $case: "pong", value: { nonce: 1, serverTimeMs: 1 } });
    await clock.advance(2_000);

    expect(server.stream.acks).toEqual([]);
  });

  it("count an event that this client does not know", async () => {
    const { server } = await createConnectedClient();

    server.stream.say({ events: [{ event: undefined }], results: [], control: undefined });
    server.stream.events(peerMessage("one"));

    expect(server.stream.acks).toEqual([{ events: 2, results: 0 }]);
  });
});

describe("a batch", () => {
  it("is taken in the order in which its entries happened", async () => {
    const { client, server } = await createConnectedClient();
    const order: string[] = [];
    const channel = client.channel("room");
    channel.on("stateChanged", () => order.push("joined"));
    client.on("peerMessage", ({ messageId }) => order.push(messageId));
    void channel.join();
    order.length = 0;

    server.stream.batch([peerMessage("before"), peerMessage("after")], [server.stream.resultOf("joinChannel", {}, 1)]);

    expect(order).toEqual(["before", "joined", "after"]);
  });

  it("may say that more events come before a result than there are", async () => {
    const { client, server } = await createConnectedClient();
    const query = client.queryPresence(["bob"]);

    server.stream.batch([peerMessage("one")], [server.stream.resultOf("queryPresence", {}, 99)]);

    expect(await query).toEqual([]);
    expect(server.stream.acks).toEqual([{ events: 1, results: 1 }]);
  });
});

describe("the heartbeat", () => {
  it("pings after the interval without anything sent, again and again", async () => {
    const { server, clock } = await createConnectedClient();

    await clock.advance(3_999);
    const before = server.stream.pings;
    await clock.advance(1);
    const first = server.stream.pings;
    await clock.advance(4_000);

    expect([before, first, server.stream.pings]).toEqual([0, 1, 2]);
  });

  it("does not ping while the client sends", async () => {
    const { client, server, clock } = await createConnectedClient();

    await clock.advance(3_000);
    void client.queryPresence(["bob"]).catch(() => {});
    await clock.advance(3_000);

    expect(server.stream.pings).toBe(0);
  });

  it("gives a silent server up after four fifths of the silence time-out", async () => {
    const { server, clock, transitions } = await createConnectedClient();

    await clock.advance(11_999);
    const before = transitions.length;
    await clock.advance(1);

    expect(transitions.slice(before)).toEqual(["RECONNECTING/INTERRUPTED"]);
    expect(server.stream.closed).toBe(true);
  });

  it("keeps a server that says anything", async () => {
    const { server, clock, transitions } = await createConnectedClient();

    for (let seconds = 0; seconds < 40; seconds += 10) {
      await clock.advance(10_000);
      server.stream.control({ $case: "pong", value: { nonce: 1, serverTimeMs: 1 } });
    }

    expect(transitions.at(-1)).toBe("CONNECTED/LOGIN_SUCCESS");
  });

  it("stops with the link", async () => {
    const { client, server, clock } = await createConnectedClient();
    const { stream } = server;

    void client.logout();
    await clock.advance(60_000);

    expect(stream.pings).toBe(0);
    expect(clock.plannedTasks).toBe(0);
  });
});

describe("a broken server", () => {
  it("that sends no message of the protocol is left, and tried again", async () => {
    const { server, clock, transitions } = await createConnectedClient();

    server.stream.sayBytes(Uint8Array.of(0xff, 0xff, 0xff));
    await clock.advance(1_000);

    expect(transitions.at(-1)).toBe("RECONNECTING/INTERRUPTED");
    expect(server.streams).toHaveLength(2);
  });

  it("that takes the stream and never says welcome is tried again", async () => {
    const { server, clock } = await createConnectedClient({ loginTimeoutMs: 5_000 });

    server.stream.drop();
    await clock.advance(500);
    const before = server.streams.length;
    await clock.advance(10_000);

    expect(before).toBe(2);
    expect(server.streams.length).toBeGreaterThan(2);
  });

  it("that says welcome twice changes nothing", async () => {
    const { client, server } = await createConnectedClient();

    server.stream.welcome({ sessionId: "session-2" });

    expect(client.sessionId).toBe("session-1");
  });

  it("that sends events before the welcome is not heard", async () => {
    const { client, server, clock } = createScriptedClient();
    const told: string[] = [];
    client.on("peerMessage", ({ messageId }) => told.push(messageId));

    void client.login();
    await clock.advance(1);
    server.stream.events(peerMessage("early"));
    server.stream.welcome();
    server.stream.events(peerMessage("one"));

    expect(told).toEqual(["one"]);
  });
});

describe("a drain", () => {
  it("makes the client move at a moment of its own within the spread, with its session", async () => {
    const { client, server, clock, transitions } = await createConnectedClient();
    const told: number[] = [];
    client.on("drain", ({ deadlineMs }) => told.push(deadlineMs));

    server.stream.control({ $case: "drain", value: { deadlineMs: 10_000, spreadMs: 8_000 } });
    await clock.advance(3_999);
    const before = server.streams.length;
    await clock.advance(2);
    server.stream.welcome(resumed);

    expect([before, told]).toEqual([1, [10_000]]);
    expect(server.stream.hello.resume?.sessionId).toBe("session-1");
    expect(transitions.slice(2)).toEqual(["RECONNECTING/INTERRUPTED", "CONNECTED/LOGIN_SUCCESS"]);
    expect(server.streams[0]?.closed).toBe(true);
  });

  it("is forgotten when the link breaks before the move", async () => {
    const { server, clock } = await createConnectedClient();

    server.stream.control({ $case: "drain", value: { deadlineMs: 10_000, spreadMs: 8_000 } });
    server.stream.drop();
    await clock.advance(500);
    server.stream.welcome(resumed);
    await clock.advance(8_000);

    expect(server.streams).toHaveLength(2);
  });

  it("that is said twice makes the client move once", async () => {
    const { server, clock } = await createConnectedClient();

    server.stream.control({ $case: "drain", value: { deadlineMs: 1_000, spreadMs: 1_000 } });
    server.stream.control({ $case: "drain", value: { deadlineMs: 1_000, spreadMs: 1_000 } });
    await clock.advance(600);
    server.stream.welcome(resumed);
    await clock.advance(5_000);

    expect(server.streams).toHaveLength(2);
  });
});
