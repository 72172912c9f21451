import { describe, expect, it } from "vitest";
import { isPublicAddress } from "../../../../src/server/edge/plaintext.js";

describe("isPublicAddress", () => {
  it.each(["localhost", "127.0.0.1", "127.8.8.8", "::1", "10.1.2.3", "172.31.0.1", "192.168.1.1", "fd00::1", "fe80::1"])(
    "says no of %s",
    (host) => {
      expect(isPublicAddress(host)).toBe(false);
    },
  );

  it.each(["0.0.0.0", "::", "203.0.113.7", "172.32.0.1", "2001:db8::1", "::ffff:203.0.113.7", "chat.example.com"])(
    "says yes of %s",
    (host) => {
      expect(isPublicAddress(host)).toBe(true);
    },
  );
});
