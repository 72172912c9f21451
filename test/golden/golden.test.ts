import { describe, expect, it } from "vitest";
import { codecOf, messageTypes } from "../property/codec-schema.js";
import { addRecordings, readRecordings, toPlain } from "./recordings.js";
import { makeSamples } from "./samples.js";

const samples = makeSamples();

function findMissing() {
  const recorded = new Set(readRecordings().map(({ name }) => name));
  return samples.filter(({ name }) => !recorded.has(name));
}

if (process.env.ALDIS_RECORD === "1" && findMissing().length > 0) addRecordings(findMissing());

describe("the recorded messages", () => {
  it.each(readRecordings())("still mean the same: $name", ({ name, bytes, meaning }) => {
    const type = messageTypes.find((candidate) => candidate.name === name.split(".")[0]);

    expect(type, `the protocol has lost ${name}`).toBeDefined();
    // Fields that were added later may be there too, empty.
    expect(type && toPlain(codecOf(type).decode(bytes))).toMatchObject(meaning as object);
  });

  it("have every message, case and error code (record new ones with ALDIS_RECORD=1 npx vitest run test/golden)", () => {
    expect(findMissing().map(({ name }) => name)).toEqual([]);
  });
});
