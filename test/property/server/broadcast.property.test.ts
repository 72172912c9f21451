import fc from "fast-check";
import { describe, it } from "vitest";
import { BroadcastHarness } from "./broadcast-harness.js";
import { commandsOf } from "./command.js";

const command = commandsOf<BroadcastHarness>();

const sender = fc.constantFrom("ann", "bob", "dan", "dan", "dan");
const member = fc.nat({ max: 2 });
const nothing = fc.constant(undefined);

const commands = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: command("send", fc.array(sender, { minLength: 1, maxLength: 5 }), (world, all) => world.send(all)),
    },
    { weight: 4, arbitrary: command("flush", nothing, (world) => world.flush()) },
    { weight: 2, arbitrary: command("notice", nothing, (world) => world.notice()) },
    { weight: 4, arbitrary: command("written", member, (world, index) => world.members[index]?.written()) },
    {
      weight: 3,
      arbitrary: command("acknowledge", fc.tuple(member, fc.constantFrom(0.5, 0.8, 1)), (world, [index, part]) =>
        world.members[index]?.acknowledge(part),
      ),
    },
    { weight: 1, arbitrary: command("lose", fc.integer({ min: 1, max: 3 }), (world, messages) => world.lose(messages)) },
    { weight: 1, arbitrary: command("missMembers", nothing, (world) => world.missMembers()) },
    { weight: 1, arbitrary: command("beginEpoch", sender, (world, userId) => world.beginEpoch(userId)) },
    { weight: 1, arbitrary: command("detach", member, (world, index) => world.members[index]?.detach()) },
    { weight: 1, arbitrary: command("attach", member, (world, index) => world.members[index]?.attach()) },
    { weight: 1, arbitrary: command("exit", member, (world, index) => world.members[index]?.exit()) },
    { weight: 2, arbitrary: command("enter", member, (world, index) => world.members[index]?.enter()) },
  ),
  { maxLength: 60, size: "max" },
);

describe("Broadcast", () => {
  it("brings each message once, in order and at its place among the notices, or tells that it is missing: channel-order, no-duplicate, no-silent-loss", () => {
    fc.assert(
      fc.property(commands, (run) => {
        const world = new BroadcastHarness();
        for (const step of run) step(world);
        world.finish();
      }),
      { numRuns: 300 },
    );
  });
});
