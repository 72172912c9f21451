import { describe, expect, it } from "vitest";
import { PresenceState } from "../../../gen/aldis/v1/presence.js";
import { expired } from "../../support/joined-client.js";
import { createConnectedClient, reconnect } from "../../support/scripted-client.js";

const { ONLINE, OFFLINE } = PresenceState;

/** A client that has subscribed to bob, who is online. */
async function createSubscribed() {
  const scripted = await createConnectedClient();
  const told: PresenceState[] = [];
  scripted.client.on("presence", ({ state }) => told.push(state));
  const subscription = scripted.client.presence.subscribe(["bob"]);
  scripted.server.stream.answer("subscribePresence", { presences: [{ userId: "bob", state: ONLINE, version: 5 }] });
  await subscription;
  return { ...scripted, told };
}

function presence(state: PresenceState, version: number) {
  return { $case: "presence" as const, value: { userId: "bob", state, version } };
}

describe("presence subscriptions of the client", () => {
  it("tell changes, and nothing that is older than what was told", async () => {
    const { server, told } = await createSubscribed();

    server.stream.events(presence(OFFLINE, 7), presence(ONLINE, 6));

    expect(told).toEqual([OFFLINE]);
  });

  it("are made again after a lost session, and tell what changed meanwhile", async () => {
    const scripted = await createSubscribed();
    const { server, told } = scripted;

    await reconnect(scripted);
    server.stream.welcome(expired);
    const { request } = server.stream.call("subscribePresence");
    server.stream.answer("subscribePresence", { presences: [{ userId: "bob", state: OFFLINE, version: 1 }] });

    expect(request.userIds).toEqual(["bob"]);
    expect(told).toEqual([OFFLINE]);
  });

  it("tell nothing after a lost session in which nothing changed", async () => {
    const scripted = await createSubscribed();

    await reconnect(scripted);
    scripted.server.stream.welcome(expired);
    scripted.server.stream.answer("subscribePresence", { presences: [{ userId: "bob", state: ONLINE, version: 9 }] });

    expect(scripted.told).toEqual([]);
  });

  it("are not made again once they are ended", async () => {
    const scripted = await createSubscribed();
    const end = scripted.client.presence.unsubscribe(["bob"]);
    scripted.server.stream.answer("unsubscribePresence");
    await end;

    await reconnect(scripted);
    scripted.server.stream.welcome(expired);

    expect(scripted.server.stream.countOf("subscribePresence")).toBe(0);
  });
});
