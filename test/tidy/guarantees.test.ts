import { describe, expect, it } from "vitest";
import { readFiles } from "./repository.js";

const guarantees = [
  "peer-order",
  "channel-order",
  "no-silent-loss",
  "no-duplicate",
  "true-receipt",
  "one-session",
  "one-outcome",
  "one-history",
  "presence-bound",
  "isolation",
  "bounded",
];

describe("proto/README.md", () => {
  const document = readFiles("proto").find(({ path }) => path === "proto/README.md");

  it.each(guarantees)("states the guarantee %s by its name", (name) => {
    expect(document, "proto/README.md is missing").toBeDefined();
    expect(document?.text, `proto/README.md does not say what \`${name}\` guarantees`).toContain(`\`${name}\``);
  });
});
