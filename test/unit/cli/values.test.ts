import { describe, expect, it } from "vitest";
import { hostAndPort, parseAddress, parseDuration, parseUser } from "../../../src/cli/values.js";

describe("a duration", () => {
  it.each([
    ["1s", 1000],
    ["15m", 900_000],
    ["24h", 86_400_000],
    ["3650d", 315_360_000_000],
  ])("%s is %i ms", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(["", "0h", "24", "h", "-1h", "1.5h", "1 h", "1w", "3651d", "9999999999999s", "1H"])("is not %j", (text) => {
    expect(() => parseDuration(text)).toThrow(/like 30s, 15m, 24h or 7d/);
  });
});

describe("an address", () => {
  it.each([
    ["127.0.0.1:7400", "127.0.0.1", 7400],
    ["[::1]:7400", "::1", 7400],
    ["example.org:65535", "example.org", 65535],
  ])("%s has a host and a port", (text, host, port) => {
    expect(parseAddress(text)).toBe(text);
    expect(hostAndPort(text)).toEqual({ host, port });
  });

  it.each(["", "host", "host:", ":7400", "host:0", "host:65536", "host:x", "::1:7400", "http://host:1", "a b:1"])(
    "is not %j",
    (text) => {
      expect(() => parseAddress(text)).toThrow(/like 127\.0\.0\.1:7400/);
    },
  );
});

describe("a user", () => {
  it("is not empty", () => {
    expect(parseUser("alice")).toBe("alice");
    expect(() => parseUser("")).toThrow(/must not be empty/);
  });
});
