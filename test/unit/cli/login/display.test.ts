import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { Display } from "../../../../src/cli/login/display.js";
import { Capture } from "../capture.js";

describe("a display", () => {
  it("shows the line that is being typed again, below what has come", () => {
    const output = new Capture();
    const typing = createInterface({ input: new PassThrough(), output, terminal: true, prompt: "> " });
    typing.write("half a li");
    output.text = "";

    new Display(output, typing).show("bob: hello");
    typing.close();

    expect(output.text).toContain("\u001b[1G\u001b[2Kbob: hello\n");
    expect(output.text).toContain("> half a li");
  });

  it("writes just lines where nobody types, and after the end of the typing", () => {
    const output = new Capture();
    const typing = createInterface({ input: new PassThrough(), output: new Capture(), terminal: true });
    const display = new Display(output, typing);

    typing.close();
    display.show("closed");
    new Display(output, undefined).show("piped");

    expect(output.text).toBe("\nclosed\npiped\n");
  });
});
