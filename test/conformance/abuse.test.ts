// Clients that keep the letter of the protocol and nothing of its spirit. Each gets a typed error or is cut, costs a bounded
// number of bytes, and the others notice nothing.
import { describe, expect, it } from "vitest";
import { GoodbyeReason } from "../../gen/aldis/v1/connection.js";
import { ErrorCode } from "../../gen/aldis/v1/error.js";
import { Hello } from "../../gen/aldis/v1/session.js";
import { defaultLimits } from "../../gen/aldis/v1/tables/limits.js";
import { LinkFaults, type RawClient } from "../support/raw-client.js";
import { answer, join, leave, saidIn, text, toChannel, toPeer } from "../support/requests.js";
import { startTestNode, testApp, testToken } from "../support/test-node.js";

/** A room with an abuser in it, and with alice and bob, who behave. */
async function room(limits: Parameters<typeof startTestNode>[0] = {}) {
  const test = await startTestNode(limits);
  const faults = new LinkFaults();
  const [abuser, alice, bob] = [await test.login("mallory", {}, faults), await test.login("alice"), await test.login("bob")];
  for (const client of [abuser, alice, bob]) await test.ask(client, join("room"));
  const queuedBytes = async () => Number(/^aldis_queued_bytes (\d+)$/m.exec((await test.node.metrics.text()).text)?.[1]);
  return { ...test, abuser, alice, bob, faults, queuedBytes };
}

/** Checks that alice's message reaches bob at once. */
async function expectUndisturbed({ alice, bob, ask }: Awaited<ReturnType<typeof room>>): Promise<void> {
  const sent = await ask(alice, toChannel("room", "still here"));

  expect(sent).toMatchObject({ $case: "sendChannelMessage" });
  expect(saidIn(bob.events).at(-1)).toBe("still here");
}

function errorsOf({ results }: RawClient): ErrorCode[] {
  return results.flatMap(({ outcome }) => (outcome?.$case === "error" ? [outcome.value.code] : []));
}

describe("bounded: a client that", () => {
  it("reads one batch a second is cut, and what it holds stays within its budget", async () => {
    const test = await room({ channelSends: 1_000, oneChannelSends: 1_000 });
    const { abuser, alice, bob, faults, ask, pass } = test;
    faults.stall();
    for (let second = 0; second < 12 && !abuser.closed; second += 1) {
      for (let i = 0; i < 10; i += 1) await ask(alice, toChannel("room", "", { payload: text("x".repeat(60_000)) }));
      for (const reader of [alice, bob]) reader.acknowledge();
      expect(await test.queuedBytes()).toBeLessThan(defaultLimits.replayBytes + 2 * defaultLimits.messageBytes);
      faults.recover();
      faults.stall();
      await pass(1000, abuser, alice, bob);
    }
    faults.recover();
    await pass(1000, alice, bob);

    expect(abuser.closed).toBe(true);
    await expectUndisturbed(test);
  });

  it.each([
    ["events", { events: 1_000 }],
    ["results", { results: 1_000 }],
    ["events by the largest number", { events: 0xffffffff }],
  ])("acknowledges more %s than it got is cut with an error that names the field", async (_, counts) => {
    const test = await room();

    test.abuser.acknowledge(counts);
    await test.runtime.settle();

    expect(test.abuser.goodbye).toMatchObject({
      reason: GoodbyeReason.PROTOCOL_ERROR,
      error: { code: ErrorCode.INVALID_ARGUMENT, field: "ack" },
    });
    await expectUndisturbed(test);
  });

  it("asks for a negative delay waits for no longer than the server's limit", async () => {
    const test = await room();
    const hello = Hello.encode(Hello.create({ appId: testApp, userId: "eve", token: testToken("eve") })).finish();
    // Field 10, the delay, is -1 as protobuf writes a negative number: ten bytes.
    const delay = [0x50, ...Array(9).fill(0xff), 0x01];
    const eve = test.connect();

    eve.sendBytes(Uint8Array.of(0x0a, hello.length + delay.length, ...hello, ...delay));
    await test.runtime.settle();
    await test.ask(eve, join("room"));
    test.runtime.workload = 1;
    await test.pass(1000, eve, test.alice, test.bob);
    await test.ask(test.alice, toChannel("room", "hi"));
    await test.runtime.advanceAsync(defaultLimits.batchDelayMs);

    expect(saidIn(eve.events)).toEqual(["hi"]);
  });

  it("joins and leaves in a loop is refused with the time to wait, and others are not flooded", async () => {
    const test = await room();
    const heard = test.bob.events.length;

    for (let i = 0; i < 200; i += 1) {
      test.abuser.call(leave("room"));
      test.abuser.call(join("room"));
      if (i % 50 === 0) await test.runtime.settle();
    }
    await test.runtime.settle();

    expect(new Set(errorsOf(test.abuser))).toEqual(
      new Set([ErrorCode.SAME_CHANNEL_TOO_OFTEN, ErrorCode.NOT_IN_CHANNEL, ErrorCode.RATE_LIMITED]),
    );
    expect(test.bob.events.length - heard).toBeLessThan(10);
    await expectUndisturbed(test);
  });

  it("sends at ten times its limit gets as many through as its limit allows, and an error for each of the others", async () => {
    const allowed = 20;
    const test = await room({ channelSends: allowed });

    for (let i = 0; i < 10 * allowed; i += 1) {
      test.abuser.call(toChannel("room", `${i}`));
      if (i % 50 === 0) await test.runtime.settle();
      for (const reader of [test.abuser, test.bob]) reader.acknowledge();
    }
    await test.runtime.settle();

    const refused = errorsOf(test.abuser);
    expect(saidIn(test.bob.events)).toHaveLength(allowed);
    expect(refused).toEqual(Array(9 * allowed).fill(ErrorCode.RATE_LIMITED));
    await expectUndisturbed(test);
  });

  it("never acknowledges peer messages costs its senders an answer, and not more", async () => {
    const test = await room({ replayEvents: 4 });

    for (let i = 0; i < 8; i += 1) test.alice.call(toPeer("mallory", `${i}`));
    await test.runtime.settle();
    await test.pass(defaultLimits.receiptTimeoutMs + 1_000, test.alice, test.bob, test.abuser);

    expect(test.alice.results.slice(-8).every(({ outcome }) => answer(outcome, "error").code !== ErrorCode.INTERNAL)).toBe(
      true,
    );
    test.alice.acknowledge();
    await expectUndisturbed(test);
  });
});
