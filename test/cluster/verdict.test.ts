import { describe, expect, it } from "vitest";
import { MembershipState } from "../../gen/aldis/v1/channel.js";
import { ConnectionReason, ConnectionState } from "../../gen/aldis/v1/connection.js";
import { DeliveryOutcome } from "../../gen/aldis/v1/message.js";
import { SessionStart } from "../../gen/aldis/v1/session.js";
import type { Entry, Happening } from "../simulation/journal.js";
import { count, judge, noCounts } from "./verdict.js";

type Line = readonly [who: string, what: Happening];

const connected = (who: string): readonly Line[] => [
  [who, { kind: "asked", call: 0, question: { operation: "login" }, timeoutMs: 1000 }],
  [who, { kind: "session", start: SessionStart.NEW }],
  [who, { kind: "state", state: ConnectionState.CONNECTED, reason: ConnectionReason.LOGIN_SUCCESS }],
];

const send = (call: number, message: string): Line => [
  "ann.1",
  {
    ...{ kind: "asked", call, timeoutMs: 1000 },
    question: { operation: "sendToPeer", to: "bob", message, storeIfAway: true },
  },
];

const answered = (call: number, message: string, outcome: DeliveryOutcome): Line => [
  "ann.1",
  {
    ...{ kind: "answered", call, answer: { outcome } },
    question: { operation: "sendToPeer", to: "bob", message, storeIfAway: true },
  },
];

const heard = (message: string): Line => ["bob.1", { kind: "peerMessage", message, sender: "ann" }];
const placed = (who: string, message: string, offset: number, epoch = "e"): Line => [
  who,
  { kind: "channelMessage", channel: "room", epoch, offset, message, sender: "ann" },
];

const joined: Line = [
  "bob.1",
  {
    ...{ kind: "membership", state: MembershipState.JOINED, receivesOwn: false },
    ...{ channel: "room", position: { epoch: "e", offset: 0 } },
  },
];

const toldNewEpoch: Line = ["bob.1", { kind: "gap", channel: "room", first: 0, last: 0, position: { epoch: "f", offset: 0 } }];

const toldPlace = (epoch: string): Line => [
  "ann.1",
  {
    ...{ kind: "answered", call: 9, answer: { position: { epoch, offset: 7 } } },
    question: { operation: "sendToChannel", channel: "room", message: "seven" },
  },
];

function countsOf(lines: readonly Line[]) {
  const entries: Entry[] = lines.map(([who, what], at) => ({ at, who, what }));
  return count(judge(entries, lines.length));
}

describe("the verdict on a round", () => {
  it("is that all is well where everybody has everything once", () => {
    const lines = [...connected("bob.1"), send(1, "one"), answered(1, "one", DeliveryOutcome.STORED), heard("one")];
    expect(countsOf(lines)).toEqual(noCounts());
  });

  it("counts a stored message that never comes, unless the data was lost", () => {
    const lines = [...connected("bob.1"), send(1, "one"), answered(1, "one", DeliveryOutcome.STORED)];
    expect(countsOf(lines)).toEqual({ ...noCounts(), lost: 1 });
    expect(countsOf([...lines, ["server", { kind: "dataLost" }]])).toEqual(noCounts());
  });

  it("counts a false receipt", () => {
    const lines = [...connected("bob.1"), send(1, "one"), answered(1, "one", DeliveryOutcome.DELIVERED), heard("one")];
    expect(countsOf(lines)).toEqual({ ...noCounts(), lost: 1 });
  });

  it("counts a message that comes twice", () => {
    const lines = [...connected("bob.1"), send(1, "one"), heard("one"), heard("one")];
    expect(countsOf(lines)).toEqual({ ...noCounts(), duplicated: 1 });
  });

  it("counts messages out of their order, of users and of channels", () => {
    const lines = [...connected("bob.1"), send(1, "one"), send(2, "two"), heard("two"), heard("one")];
    expect(countsOf(lines)).toEqual({ ...noCounts(), reordered: 1 });
    expect(countsOf([placed("bob.1", "one", 1), placed("eve.1", "two", 1)])).toEqual({ ...noCounts(), reordered: 1 });
  });

  it("counts a message of a channel that a member never hears, unless it was told that messages are missing", () => {
    expect(countsOf([joined, toldPlace("e")])).toEqual({ ...noCounts(), lost: 1 });
    expect(countsOf([joined, placed("eve.1", "one", 1, "f"), toldPlace("f")])).toEqual({ ...noCounts(), lost: 2 });
    // The place is one of the epoch that bob was told to be over.
    expect(countsOf([joined, toldNewEpoch, toldPlace("e")])).toEqual(noCounts());
  });

  it("counts a user with two sessions", () => {
    expect(countsOf([...connected("bob.1"), ...connected("bob.2")])).toEqual({ ...noCounts(), sessionsDoubled: 1 });
  });

  it("counts a call that ends in two ways", () => {
    const told = (who: string, what: "accepted" | "cancelled" | "ended"): Line => [
      who,
      { kind: "invitation", id: "i", told: what, reason: 1 },
    ];
    const lines = [told("ann.1", "cancelled"), told("bob.1", "accepted"), told("bob.1", "ended")];
    expect(countsOf(lines)).toEqual({ ...noCounts(), invitationsSplit: 1 });
  });

  it("counts a client that does not come back", () => {
    const lines: readonly Line[] = [
      ...connected("bob.1"),
      ["bob.1", { kind: "state", state: ConnectionState.RECONNECTING, reason: ConnectionReason.INTERRUPTED }],
    ];
    expect(countsOf(lines)).toEqual({ ...noCounts(), unwell: 1 });
  });
});
