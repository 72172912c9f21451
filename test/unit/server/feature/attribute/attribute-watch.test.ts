import { describe, expect, it } from "vitest";
import { AttributeChange } from "../../../../../gen/aldis/v1/attribute.js";
import { eventEntry } from "../../../../../src/server/event-entry.js";
import { AttributeWatch } from "../../../../../src/server/feature/attribute/attribute-watch.js";
import { QueuedSession } from "../../../../support/queued-session.js";
import { only } from "../../../../support/requests.js";

function watchBy(session: QueuedSession) {
  const watch = new AttributeWatch(session);
  const take = (revision: number) => {
    const value = { userId: "bob", change: AttributeChange.create({ revision }) };
    watch.take({
      kind: "attributes",
      version: revision,
      again: false,
      entry: eventEntry({ $case: "userAttributes", value }, "attributes"),
    });
  };
  const told = () => only(session.events, "userAttributes").map(({ change }) => change?.revision);
  return { watch, take, told };
}

describe("a watch of a user's attributes", () => {
  it("holds what comes before the answer, and drops what the answer has", () => {
    const { watch, take, told } = watchBy(new QueuedSession("alice"));
    take(6);
    expect(told()).toEqual([]);

    watch.open(6);
    take(7);

    expect(told()).toEqual([7]);
  });

  it("keeps what waits for room, also when the client reads again and may not hear the answer", () => {
    const session = new QueuedSession("alice");
    const { watch, take, told } = watchBy(session);
    watch.open(6);
    session.room = 0;
    take(7);

    watch.open(7);
    session.room = 1;
    for (const task of session.roomTasks) task();

    expect(told()).toEqual([7]);
  });

  it("tells a set that ended and began anew behind the answer, though its revision is lower", () => {
    const { watch, take, told } = watchBy(new QueuedSession("alice"));
    take(7);
    take(1);

    watch.open(6);

    expect(told()).toEqual([1]);
  });
});
