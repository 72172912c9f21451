import { describe, expect, it } from "vitest";
import { AttributeChangeKind } from "../../gen/aldis/v1/attribute.js";
import { ErrorCode } from "../../gen/aldis/v1/error.js";
import { AttributeLifetime } from "../../gen/aldis/v1/session.js";
import { defaultLimits } from "../../gen/aldis/v1/tables/limits.js";
import { getOf, getRoom, setOwn, setRoom, valuesOf } from "../support/attribute-requests.js";
import { createManualRuntime } from "../support/manual-runtime.js";
import type { RawClient } from "../support/raw-client.js";
import { answer, join, leave, only } from "../support/requests.js";
import { survivingEngine } from "../support/surviving-engine.js";
import { startTestNode, type TestNode } from "../support/test-node.js";

const session = { attributeLifetime: AttributeLifetime.SESSION };
const limits = { ...defaultLimits, attributeWrites: 1000, attributeReads: 1000 };

/** A node, and what starts the next one on the same disk when it has died in the middle of everything. */
async function mortalNode() {
  const runtime = createManualRuntime();
  const openEngine = survivingEngine(runtime.clock, limits);
  const first = await startTestNode(limits, { runtime, openEngine });
  const restart = async () => {
    await first.node.close();
    return startTestNode(limits, { runtime, openEngine });
  };
  return { first, restart };
}

async function ownOf({ ask }: TestNode, reader: RawClient, userId: string) {
  const outcome = await ask(reader, getOf(userId));
  if (outcome?.$case === "error") return outcome.value.code;
  return valuesOf(answer(outcome, "getUserAttributes").attributes?.attributes);
}

async function roomOf({ ask }: TestNode, reader: RawClient) {
  return valuesOf(answer(await ask(reader, getRoom()), "getChannelAttributes").attributes?.attributes);
}

describe("attributes that end with a session", () => {
  it("end within 92 s of a crash if the user does not come back, not in the first 30 s, and those who watch hear of it", async () => {
    const { first, restart } = await mortalNode();
    await first.ask(await first.login("alice", session), setOwn({ a: "1" }));
    const second = await restart();
    const bob = await second.login("bob");
    await second.ask(bob, getOf("alice", { watch: true }));

    await second.pass(30_000, bob);
    expect(await ownOf(second, bob, "alice")).toEqual({ a: "1" });
    await second.pass(62_000, bob);

    expect(await ownOf(second, bob, "alice")).toBe(ErrorCode.USER_NOT_FOUND);
    const { CLEAR } = AttributeChangeKind;
    expect(only(bob.events, "userAttributes")).toMatchObject([{ userId: "alice", change: { kind: CLEAR } }]);
  });

  it("stay over a crash if the user comes back, however late, and end with the new session", async () => {
    const { first, restart } = await mortalNode();
    await first.ask(await first.login("alice", session), setOwn({ a: "1" }));
    const second = await restart();
    const bob = await second.login("bob");
    await second.pass(85_000, bob);

    const alice = await second.login("alice", session);
    await second.pass(200_000, alice, bob);
    expect(await ownOf(second, bob, "alice")).toEqual({ a: "1" });
    alice.cut();
    await second.pass(33_000, bob);

    expect(await ownOf(second, bob, "alice")).toBe(ErrorCode.USER_NOT_FOUND);
  });

  it("are kept by a session that keeps attributes and writes them", async () => {
    const { first, restart } = await mortalNode();
    await first.ask(await first.login("alice", session), setOwn({ a: "1" }));
    const second = await restart();
    const bob = await second.login("bob");
    const alice = await second.login("alice");

    await second.ask(alice, setOwn({ a: "1" }));
    alice.cut();
    await second.pass(300_000, bob);

    expect(await ownOf(second, bob, "alice")).toEqual({ a: "1" });
  });
});

describe("the attributes of a channel", () => {
  it("have the rest of their time after a crash if the channel was empty", async () => {
    const { first, restart } = await mortalNode();
    const alice = await first.login("alice");
    await first.ask(alice, join("room"));
    await first.ask(alice, setRoom({ topic: "tea", _channel_ttl: "600" }));
    await first.ask(alice, leave("room"));
    await first.pass(500_000, alice);
    const second = await restart();
    const bob = await second.login("bob");

    await second.pass(98_000, bob);
    expect(await roomOf(second, bob)).toMatchObject({ topic: "tea" });
    await second.pass(4_000, bob);

    expect(await roomOf(second, bob)).toEqual({});
  });

  it("have all their time after a crash if somebody was in it, and a minute more at most", async () => {
    const { first, restart } = await mortalNode();
    const alice = await first.login("alice");
    await first.ask(alice, join("room"));
    await first.ask(alice, setRoom({ topic: "tea", _channel_ttl: "600" }));
    await first.pass(3_000_000, alice);
    const second = await restart();
    const bob = await second.login("bob");

    await second.pass(600_000, bob);
    expect(await roomOf(second, bob)).toMatchObject({ topic: "tea" });
    await second.pass(62_000, bob);

    expect(await roomOf(second, bob)).toEqual({});
  });

  it("have all their time again after somebody came and went", async () => {
    const { first, restart } = await mortalNode();
    const alice = await first.login("alice");
    await first.ask(alice, setRoom({ topic: "tea", _channel_ttl: "600" }));
    await first.pass(590_000, alice);
    await first.ask(alice, join("room"));
    const second = await restart();
    const bob = await second.login("bob");

    await second.pass(600_000, bob);

    expect(await roomOf(second, bob)).toMatchObject({ topic: "tea" });
  });
});
