import { describe, expect, it } from "vitest";
import { escapeControls } from "../../../src/cli/escape.js";

describe("a text from somebody else", () => {
  it.each([
    ["a command to the terminal", "\u001b[2J", "\\u{1b}[2J"],
    ["a command in one character", "\u009b2J", "\\u{9b}2J"],
    ["a line end", "a\r\nb", "a\\u{d}\\u{a}b"],
    ["a mark that turns the direction", "\u202egpj", "\\u{202e}gpj"],
  ])("shows %s instead of doing it", (_, text, shown) => {
    expect(escapeControls(text)).toBe(shown);
  });

  it("leaves all other characters alone", () => {
    const text = "Grüße, 你好, مرحبا 👩‍💻 \\u{1b}";

    expect(escapeControls(text)).toBe(text);
  });
});
