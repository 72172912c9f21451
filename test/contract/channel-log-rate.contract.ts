import { describe, expect, it } from "vitest";
import { type LogPosition, RateExceeded } from "../../src/server/engine/ports/channel-log.js";
import { hostileKeys, type MakeEngine, openEngine } from "./engine-under-test.js";

const lobby = { appId: "app", channel: "lobby" };
const record = (value: number) => ({ sender: `sender${value}`, message: Uint8Array.of(value) });

export function describeChannelLogRate(name: string, makeEngine: MakeEngine): void {
  describe(`${name}: channel log, rates`, () => {
    const windowMs = 1000;

    it("appends as many records as there is room for, the first ones, and has room again when they leave the window", async () => {
      const { engine, advance } = await openEngine(makeEngine);
      const append = (values: readonly number[], limit: number) =>
        Promise.all(values.map((value) => engine.log.append(lobby, record(value), { limit, windowMs }).catch(waitOf)));
      const first = await append([1], 3);
      await advance(400);

      const burst = await append([2, 3, 4, 5], 3);
      await advance(599);
      const early = await append([6], 3);
      await advance(1);
      const late = await append([7, 8], 3);
      const lowered = await append([9], 2);
      const raised = await append([10], 4);

      expect([first, burst].map((answers) => answers.map(offsetOrWait))).toEqual([[1], [2, 3, "600 ms", "600 ms"]]);
      expect([early, late, lowered, raised].flat().map(offsetOrWait)).toEqual(["1 ms", 4, "400 ms", "400 ms", 5]);
      const { records } = await engine.log.read(lobby, undefined, { limit: 100 });
      expect(records.map(({ message }) => message[0])).toEqual([1, 2, 3, 7, 10]);
    });

    it("appends nothing below a limit of 1, and anything without one", async () => {
      const { log } = (await openEngine(makeEngine)).engine;

      const refused = await log.append(lobby, record(1), { limit: 0, windowMs }).catch(waitOf);
      const unlimited = { limit: Number.POSITIVE_INFINITY, windowMs };
      const taken = await Promise.all([2, 3, 4].map((value) => log.append(lobby, record(value), unlimited)));
      const withoutRate = await log.append(lobby, record(5));

      expect(refused).toBe(windowMs);
      expect([...taken, withoutRate].map(offsetOrWait)).toEqual([1, 2, 3, 4]);
    });

    it("counts each channel alone", async () => {
      const { log } = (await openEngine(makeEngine)).engine;
      const keys = hostileKeys.map(([appId, channel]) => ({ appId, channel }));

      for (const key of keys) await log.append(key, record(1), { limit: 1, windowMs });

      for (const key of keys) {
        expect(await log.append(key, record(2), { limit: 1, windowMs }).catch((failure: unknown) => failure)).toBeInstanceOf(
          RateExceeded,
        );
      }
    });
  });
}

/** The milliseconds for which a rejected append has to wait. */
function waitOf(failure: unknown): number {
  if (failure instanceof RateExceeded) return failure.retryAfterMs;
  throw failure;
}

function offsetOrWait(answer: LogPosition | number): number | string {
  return typeof answer === "number" ? `${answer} ms` : answer.offset;
}
