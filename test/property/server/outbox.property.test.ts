import fc from "fast-check";
import { describe, it } from "vitest";
import type { Traffic } from "../../../src/server/event-entry.js";
import { commandsOf } from "./command.js";
import { OutboxHarness } from "./outbox-harness.js";

const part = fc.constantFrom(0, 0.3, 0.5, 0.8, 1);
const traffic = fc.constantFrom<Traffic>("essential", "departure", "peer", "channel", "members", "attributes");
// Up to more than a batch, so that some entries travel alone.
const size = fc.oneof({ weight: 4, arbitrary: fc.nat({ max: 40 }) }, { weight: 1, arbitrary: fc.nat({ max: 200 }) });
const sizes = fc.array(fc.nat({ max: 60 }), { minLength: 1, maxLength: 4 });
const tooMuch = fc.constantFrom({ events: 1, results: 0 }, { events: 0, results: 1 }, { events: 3, results: 3 });

const command = commandsOf<OutboxHarness>();

const nothing = fc.constant(undefined);
const commands = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: command("pushEvent", fc.tuple(traffic, size), (outbox, [kind, bytes]) => outbox.pushEvent(kind, bytes)),
    },
    {
      weight: 3,
      arbitrary: command("pushResult", fc.tuple(fc.nat({ max: 52 }), fc.boolean()), (outbox, [bytes, inOrder]) =>
        outbox.pushResult(bytes, inOrder),
      ),
    },
    { weight: 2, arbitrary: command("pushSegment", sizes, (outbox, bytes) => outbox.pushSegment(bytes)) },
    { weight: 2, arbitrary: command("follow", sizes, (outbox, bytes) => outbox.follow(bytes)) },
    { weight: 3, arbitrary: command("flushDue", nothing, (outbox) => outbox.flushDue()) },
    {
      weight: 2,
      arbitrary: command("pushControl", fc.integer({ min: 1, max: 20 }), (outbox, count) =>
        repeat(count, () => outbox.pushControl()),
      ),
    },
    { weight: 5, arbitrary: command("written", nothing, (outbox) => outbox.written()) },
    { weight: 1, arbitrary: command("writtenByOldLinks", nothing, (outbox) => outbox.writtenByOldLinks()) },
    {
      weight: 4,
      arbitrary: command("acknowledge", fc.tuple(part, part), (outbox, [events, results]) =>
        outbox.acknowledge(events, results),
      ),
    },
    { weight: 1, arbitrary: command("acknowledgeTooMuch", tooMuch, (outbox, by) => outbox.acknowledgeTooMuch(by)) },
    { weight: 1, arbitrary: command("detach", nothing, (outbox) => outbox.detach()) },
    { weight: 1, arbitrary: command("flushAndDetach", nothing, (outbox) => outbox.flushAndDetach()) },
    { weight: 3, arbitrary: command("resume", part, (outbox, place) => outbox.resume(place)) },
  ),
  { maxLength: 60, size: "max" },
);

function repeat(count: number, task: () => void): void {
  for (let i = 0; i < count; i += 1) task();
}

describe("Outbox", () => {
  it("gives links exactly its entries, in order and once, within its bounds, whatever is pushed, acknowledged and resumed", () => {
    fc.assert(
      fc.property(commands, (run) => {
        const outbox = new OutboxHarness();
        for (const step of run) {
          step(outbox);
          outbox.check();
        }
        outbox.end();
      }),
      { numRuns: 300 },
    );
  });
});
