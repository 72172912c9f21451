import { describe, expect, it } from "vitest";
import { PresenceState } from "../../../../../gen/aldis/v1/presence.js";
import { eventEntry } from "../../../../../src/server/event-entry.js";
import { PresenceSubscription } from "../../../../../src/server/feature/presence/subscription.js";
import { QueuedSession } from "../../../../support/queued-session.js";
import { only } from "../../../../support/requests.js";

function subscriptionOf(session: QueuedSession) {
  const subscription = new PresenceSubscription(session);
  const take = (version: number) => {
    const value = { userId: "bob", state: PresenceState.ONLINE, version };
    subscription.take({
      kind: "presence",
      version,
      again: false,
      entry: eventEntry({ $case: "presence", value }, "essential"),
    });
  };
  const told = () => only(session.events, "presence").map(({ version }) => version);
  return { subscription, take, told };
}

describe("a subscription to a user's presence", () => {
  it("tells the newest state only, and never an older one", () => {
    const session = new QueuedSession("alice");
    const { subscription, take, told } = subscriptionOf(session);
    subscription.open(3);

    for (const version of [2, 4, 5, 6, 5]) take(version);
    expect(told()).toEqual([4]);
    session.settlers[0]?.("acknowledged");

    expect(told()).toEqual([4, 6]);
  });

  it("tells what waits behind an event, also when the client subscribes again and may not hear the answer", () => {
    const session = new QueuedSession("alice");
    const { subscription, take, told } = subscriptionOf(session);
    subscription.open(3);
    take(4);
    take(5);

    subscription.open(5);
    session.settlers[0]?.("acknowledged");

    expect(told()).toEqual([4, 5]);
  });
});
