import { describe, expect, it } from "vitest";
import { GoodbyeReason } from "../../gen/aldis/v1/connection.js";
import { ErrorCode } from "../../gen/aldis/v1/error.js";
import { Limit } from "../../gen/aldis/v1/limit.js";
import { errorTable, goodbyeTable } from "../../gen/aldis/v1/tables/errors.js";
import { limitTable } from "../../gen/aldis/v1/tables/limits.js";

describe("the generated tables", () => {
  it.each(Object.entries(ErrorCode))("have the error code %s", (name, code) => {
    expect(errorTable[code]).toMatchObject({ name });
  });

  it.each(Object.entries(GoodbyeReason))("have the goodbye reason %s", (name, reason) => {
    expect(goodbyeTable[reason]).toMatchObject({ name });
  });

  it("have every limit once, and nothing else", () => {
    const limits = Object.values(limitTable).map(({ limit }) => limit);

    expect(limits.toSorted((one, other) => one - other)).toEqual(
      Object.values(Limit).filter((limit) => limit !== Limit.UNSPECIFIED),
    );
  });
});
