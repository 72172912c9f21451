import { describe, expect, it } from "vitest";
import { Mailbox } from "../../../../src/cli/demo/mailbox.js";
import { fixedRuntime } from "../../server/auth/fixed-runtime.js";

describe("a mailbox", () => {
  it("gives what has come, in order, and keeps the rest", async () => {
    const mailbox = new Mailbox<string>(fixedRuntime(0).clock);
    for (const item of ["a", "b", "c"]) mailbox.put(item);

    expect(await mailbox.take(2, "letters")).toEqual(["a", "b"]);
    expect(mailbox.size).toBe(1);
  });

  it("waits for what has not come yet", async () => {
    const mailbox = new Mailbox<string>(fixedRuntime(0).clock);
    mailbox.put("a");

    const taken = mailbox.take(2, "letters");
    mailbox.put("b");

    expect(await taken).toEqual(["a", "b"]);
  });

  it("says what is missing when its patience is over, and leaves what has come", async () => {
    let runOut = () => {};
    const { clock } = fixedRuntime(0);
    const after = (_: number, task: () => void) => {
      runOut = task;
      return { cancel() {} };
    };
    const mailbox = new Mailbox<string>({ ...clock, after });
    mailbox.put("a");

    const taken = mailbox.take(2, "letters");
    runOut();

    await expect(taken).rejects.toThrow("only 1 of 2 letters came within 10 s");
    expect(mailbox.size).toBe(1);
  });
});
