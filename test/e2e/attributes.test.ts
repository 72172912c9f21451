import { expect, it, onTestFinished, vi } from "vitest";
import { AttributeChangeKind, AttributeNotice } from "../../gen/aldis/v1/attribute.js";
import { PresenceState } from "../../gen/aldis/v1/presence.js";
import { createClient } from "../../src/client/index.js";
import type { ClientOptions } from "../../src/client/options.js";
import { codeOf } from "../support/scripted-client.js";
import { startTestServer, type TestServer } from "../support/test-server.js";

/** Waits until an expectation holds. */
const eventually = (expectation: () => void) => vi.waitFor(expectation, { timeout: 20_000, interval: 5 });

async function loginAs({ server, address }: TestServer, userId: string, options: Partial<ClientOptions> = {}) {
  const token = await server.issueToken({ userId });
  const client = createClient({ address, appId: server.appId, userId, token, ...options });
  onTestFinished(() => client.close());
  await client.login();
  return client;
}

it("attributes go over gRPC: a channel's to its members, and a user's to who watches, until the user logs out", async () => {
  const server = await startTestServer();
  const alice = await loginAs(server, "alice", { attributesEndWithSession: true });
  const bob = await loginAs(server, "bob");
  const told: string[] = [];
  const room = bob.channel("room");
  room.on("attributesChanged", ({ attributes }) => told.push(`topic ${attributes.get("topic")?.value}`));
  bob.on("userAttributesChanged", ({ change }) => told.push(`${change?.kind === AttributeChangeKind.CLEAR ? "clear" : "set"}`));
  await room.join();
  await alice.attributes.set({ mood: "calm" });
  await bob.attributes.watch("alice");

  await alice.channel("room").attributes.set({ topic: "tea" }, { notice: AttributeNotice.CHANGE, expectedRevision: 0 });
  const conflict = await codeOf(bob.channel("room").attributes.clear({ expectedRevision: 0 }));
  await eventually(() => expect(told).toEqual(["topic tea"]));
  await alice.logout();
  await eventually(() => expect(told).toEqual(["topic tea", "clear"]));

  expect(conflict).toBe("REVISION_CONFLICT");
  expect(await codeOf(bob.attributes.get("alice"))).toBe("USER_NOT_FOUND");
});

it("presence subscriptions tell a login and a logout over gRPC, and the number of members follows", async () => {
  const server = await startTestServer();
  const bob = await loginAs(server, "bob");
  const states: PresenceState[] = [];
  const counts: number[] = [];
  bob.on("presence", ({ state }) => states.push(state));
  bob.channel("room").on("memberCount", ({ memberCount }) => counts.push(memberCount));
  const [first] = await bob.presence.subscribe(["alice"]);
  await bob.channel("room").join();

  const alice = await loginAs(server, "alice");
  await alice.channel("room").join();
  await eventually(() => expect(counts).toContain(2));
  await alice.logout();
  await eventually(() => expect(states).toEqual([PresenceState.ONLINE, PresenceState.OFFLINE]));

  expect(first?.state).toBe(PresenceState.OFFLINE);
  expect(await bob.presence.list()).toEqual(["alice"]);
});
