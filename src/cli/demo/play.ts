import { messageOf } from "../../client/error.js";
import type { Clock } from "../../server/runtime.js";
import type { Narrator } from "./narrator.js";
import type { Scene } from "./scene.js";
import type { Step } from "./step.js";

/** Plays the steps in turn, up to the first that fails, since each builds on those before. True if none failed. */
export async function play(steps: readonly Step[], scene: Scene, narrator: Narrator, clock: Clock): Promise<boolean> {
  for (const [index, step] of steps.entries()) {
    const number = index + 1;
    const start = clock.monotonic();
    const outcome = await step.play(scene).then(
      (facts) => ({ facts }),
      (thrown: unknown) => ({ facts: {}, problem: messageOf(thrown) }),
    );
    narrator.tell({ number, name: step.name, ms: clock.monotonic() - start, ...outcome });
    if ("problem" in outcome) {
      narrator.end(false, number);
      return false;
    }
  }
  narrator.end(true, steps.length);
  return true;
}
