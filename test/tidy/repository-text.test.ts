import { describe, expect, it } from "vitest";
import { readFiles } from "./repository.js";

// Each name is in two parts, so that this file does not have it.
const foreignNames = [
  ["/wo", "rk/"],
  ["/ro", "ot/"],
  [".lib", "rary"],
  ["registry.npm", "js.org"],
  ["npm", "mirror"],
].map(([first, second]) => `${first}${second}`);

describe("the files of the repository", () => {
  it.each(foreignNames)("do not name %s, which is of one machine or place only", (name) => {
    const naming = readFiles().filter(({ text }) => text.includes(name));

    expect(naming.map(({ path }) => path)).toEqual([]);
  });

  it("begin and end as text does: no byte order mark, and one line end at the end", () => {
    const texts = readFiles().filter(({ path, text }) => !text.includes("\0") && !path.startsWith("gen/"));
    const odd = texts.filter(({ text }) => text.startsWith("\uFEFF") || (text !== "" && !/[^\n]\n$/.test(text)));

    expect(odd.map(({ path }) => path)).toEqual([]);
  });
});
