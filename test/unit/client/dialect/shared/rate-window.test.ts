import { expect, it } from "vitest";
import { ErrorCode } from "../../../../../gen/aldis/v1/error.js";
import { RateWindow } from "../../../../../src/client/dialect/shared/rate-window.js";
import type { AldisError } from "../../../../../src/client/error.js";
import { createClientClock } from "../../../../support/client-clock.js";

const failureOf = (window: RateWindow): AldisError | undefined => {
  try {
    window.take();
    return undefined;
  } catch (thrown) {
    return thrown as AldisError;
  }
};

it("lets so many through in any window, and says when there is room", async () => {
  const clock = createClientClock();
  const window = new RateWindow(clock.clock, 2, 1_000);

  expect(failureOf(window)).toBeUndefined();
  await clock.advance(400);
  expect(failureOf(window)).toBeUndefined();
  expect(failureOf(window)).toMatchObject({ code: ErrorCode.RATE_LIMITED, retryAfterMs: 600 });
  await clock.advance(599);
  expect(failureOf(window)).toBeDefined();
  await clock.advance(1);
  expect(failureOf(window)).toBeUndefined();
  expect(failureOf(window)).toMatchObject({ retryAfterMs: 400 });
});
