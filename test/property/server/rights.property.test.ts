import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TokenRights } from "../../../gen/aldis/v1/admin_service.js";
import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { refuseToJoin, refuseToSend, refuseToWrite } from "../../../src/server/feature/rights.js";

const text = (...letters: string[]) => fc.string({ unit: fc.constantFrom(...letters), maxLength: 5 });
// Few letters, so that patterns match often, and some that mean something in a regular expression.
const pattern = text("a", "b", "*", "*", ".");
const id = text("a", "b", "\n");

/** The pattern as a regular expression over the whole id. */
function naive(source: string): RegExp {
  const parts = source.split("*").map((part) => part.replace(/[.]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s");
}

describe("rights", () => {
  it("match ids as the regular expressions of their patterns do", () => {
    fc.assert(
      fc.property(fc.array(pattern, { minLength: 1, maxLength: 3 }), id, (patterns, channel) => {
        const may = patterns.some((one) => naive(one).test(channel));
        const rights = TokenRights.create({ join: patterns, send: patterns, sendFromOutside: patterns });

        expect(refuseToJoin(rights, channel) === undefined).toBe(may);
        expect(refuseToSend(rights, channel, false) === undefined).toBe(may);
        expect(refuseToSend(rights, channel, true) === undefined).toBe(may);
      }),
      { numRuns: 2000 },
    );
  });

  it("allow joining and sending, but not sending from outside, where they say nothing", () => {
    const rights = TokenRights.create({});

    expect(refuseToJoin(rights, "room")).toBeUndefined();
    expect(refuseToSend(rights, "room", false)).toBeUndefined();
    expect(refuseToSend(rights, "room", true)?.detail.code).toBe(ErrorCode.NOT_AUTHORIZED);
    expect(refuseToWrite(rights)).toBeUndefined();
  });

  it("for reading only forbid every message, whatever the patterns say, and allow joining", () => {
    const rights = TokenRights.create({ readOnly: true, join: ["*"], send: ["*"], sendFromOutside: ["*"] });

    expect(refuseToJoin(rights, "room")).toBeUndefined();
    expect(refuseToSend(rights, "room", false)?.detail.code).toBe(ErrorCode.NOT_AUTHORIZED);
    expect(refuseToSend(rights, "room", true)?.detail.code).toBe(ErrorCode.NOT_AUTHORIZED);
    expect(refuseToWrite(rights)?.detail.code).toBe(ErrorCode.NOT_AUTHORIZED);
  });
});
