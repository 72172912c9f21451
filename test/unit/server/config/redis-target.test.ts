import { describe, expect, it } from "vitest";
import { describeRedis, parseRedisUrl } from "../../../../src/server/config/redis-target.js";

const nobody = { database: 0, username: "", password: "", sentinelPassword: "", tls: undefined };
const a = { host: "a", port: 1 };

describe("the address of Redis", () => {
  it.each([
    ["redis://localhost", { ...nobody, address: { kind: "single", host: "localhost", port: 6379 } }],
    ["redis://10.0.0.1:7000/", { ...nobody, address: { kind: "single", host: "10.0.0.1", port: 7000 } }],
    ["redis://[::1]:7000/3", { ...nobody, address: { kind: "single", host: "::1", port: 7000 }, database: 3 }],
    [
      "rediss://ann:p%40s%3As@a:1",
      { ...nobody, address: { kind: "single", ...a }, username: "ann", password: "p@s:s", tls: {} },
    ],
    ["redis://:secret@a:1", { ...nobody, address: { kind: "single", ...a }, password: "secret" }],
    [
      "redis-sentinel://a:1,b/main/2",
      { ...nobody, address: { kind: "sentinel", sentinels: [a, { host: "b", port: 26379 }], name: "main" }, database: 2 },
    ],
    ["rediss-cluster://a:1,b", { ...nobody, address: { kind: "cluster", nodes: [a, { host: "b", port: 6379 }] }, tls: {} }],
  ])("is read from %s", (text, target) => {
    expect(parseRedisUrl(text)).toEqual(target);
  });

  it.each([
    "",
    "localhost:6379",
    "http://a",
    "redis://",
    "redis://a:0",
    "redis://a:65536",
    "redis://a:x",
    "redis://a,b",
    "redis://a/x",
    "redis://a/1/2",
    "redis://%zz@a",
    "redis://a b",
    "redis-sentinel://a",
    "redis-sentinel://a/",
    "redis-cluster://a/1",
    "redis-cluster://a,",
    "redis-other://a",
  ])('is not "%s"', (text) => {
    expect(parseRedisUrl(text)).toBeUndefined();
  });

  it.each(["redis://a:1", "rediss://[::1]:7000/3", "redis-sentinel://a:1,b:2/main", "rediss-cluster://a:1,b:2"])(
    "is shown as it was given: %s",
    (text) => {
      const target = parseRedisUrl(text);
      expect(target && describeRedis(target)).toBe(text);
    },
  );

  it("is shown without user and password", () => {
    const target = parseRedisUrl("redis://ann:secret@a:1/2");
    expect(target && describeRedis(target)).toBe("redis://a:1/2");
  });
});
