import { describe, expect, it } from "vitest";
import { defaultLimits, type Limits } from "../../../../gen/aldis/v1/tables/limits.js";
import { Networks } from "../../../../src/server/networks.js";
import { AddressLimits } from "../../../../src/server/session/address-limits.js";
import { createManualRuntime } from "../../../support/manual-runtime.js";

function start(limits: Partial<Limits>, trusted: readonly string[] = []) {
  const runtime = createManualRuntime();
  const refused: string[] = [];
  const onRefused = (limit: string) => refused.push(limit);
  const addresses = new AddressLimits(new Networks(trusted), runtime.clock, { ...defaultLimits, ...limits }, onRefused);
  addresses.start();
  return { addresses, advance: runtime.advance, refused };
}

describe("AddressLimits", () => {
  it("lets an address have as many connections as it may, and another one when one has closed", () => {
    const { addresses } = start({ addressConnections: 2 });

    const [first, second, third] = [1, 2, 3].map(() => addresses.connect("192.0.2.1"));
    const ofAnother = addresses.connect("192.0.2.2");
    first?.end();
    const fourth = addresses.connect("192.0.2.1");

    expect([first, second, ofAnother, fourth]).not.toContain(undefined);
    expect(third).toBeUndefined();
  });

  it("lets an address open as many connections in a window as it may, whether they stay or not", () => {
    const { addresses, advance } = start({ addressConnectionAttempts: 2 });
    for (let i = 0; i < 2; i += 1) addresses.connect("192.0.2.1")?.end();

    const refused = addresses.connect("192.0.2.1");
    advance(10_000);
    const later = addresses.connect("192.0.2.1");

    expect(refused).toBeUndefined();
    expect(later).toBeDefined();
  });

  it("says after which time an address may log in again", () => {
    const { addresses, advance } = start({ addressLogins: 1 });
    addresses.takeLogin("192.0.2.1:1000");
    advance(4_000);

    expect(addresses.takeLogin("192.0.2.1:1001")).toBe(6_000);
    expect(addresses.connect("192.0.2.1")?.request()).toBe(true);
  });

  it("tells of everything that it refuses", () => {
    const { addresses, refused } = start({ addressConnections: 1, addressResets: 1 });
    const visit = addresses.connect("192.0.2.1");
    addresses.connect("192.0.2.1");

    expect([visit?.reset(), visit?.reset()]).toEqual([true, false]);
    expect(refused).toEqual(["addressConnections", "addressResets"]);
  });

  describe("while many addresses together reset too much", () => {
    /** Two addresses, 1 and 2, use up what all may reset: 15 each. */
    function crowd() {
      const test = start({ addressResets: 20, resets: 30 }, ["10.0.0.0/8"]);
      const quiet = test.addresses.connect("192.0.2.200");
      const visits = [1, 2].map((host) => test.addresses.connect(`192.0.2.${host}`));
      for (const visit of visits) for (let i = 0; i < 15; i += 1) expect(visit?.reset()).toBe(true);
      return { ...test, quiet, visits };
    }

    it("lets those in that have no part in it, and bears little from each", () => {
      const { addresses, quiet, visits, refused } = crowd();

      const newcomer = addresses.connect("192.0.2.3");
      const proxy = addresses.connect("10.0.0.1");
      const ofWorst = visits.map((visit) => visit?.reset());
      const ofOthers = [quiet, newcomer].map((visit) => [1, 2, 3].map(() => visit?.reset()));

      expect([newcomer, proxy]).not.toContain(undefined);
      expect(ofWorst).toEqual([false, false]);
      expect(ofOthers).toEqual(Array(2).fill([true, true, false]));
      expect([quiet?.request(), newcomer?.request()]).toEqual([true, true]);
      expect(refused).toEqual(Array(4).fill("addressResets"));
    });

    it("does not let those in that have a part in it, nor those that were cut within a minute", () => {
      const { addresses, advance, refused, visits } = crowd();
      const part = addresses.connect("192.0.2.1");
      expect(visits[1]?.reset()).toBe(false);
      advance(1000);
      const inCalm = addresses.connect("192.0.2.2");

      // Again it is too much, by others.
      for (const host of [11, 12]) for (let i = 0; i < 15; i += 1) addresses.connect(`192.0.2.${host}`)?.reset();
      const forgiven = addresses.connect("192.0.2.1");
      const suspect = addresses.connect("192.0.2.2");
      advance(60_000);
      for (const host of [21, 22]) for (let i = 0; i < 15; i += 1) addresses.connect(`192.0.2.${host}`)?.reset();
      const later = addresses.connect("192.0.2.2");

      expect([part, suspect]).toEqual([undefined, undefined]);
      expect([inCalm, forgiven, later]).not.toContain(undefined);
      expect(refused).toEqual(["resets", "addressResets", "resets"]);
    });

    it("lets nobody in if ever new addresses go on with it, until it is less", () => {
      const { addresses, advance, refused } = crowd();
      for (let host = 3; host < 7; host += 1) {
        const visit = addresses.connect(`192.0.2.${host}`);
        expect([visit?.reset(), visit?.reset()]).toEqual([true, true]);
      }

      const newcomer = addresses.connect("192.0.2.100");
      const proxy = addresses.connect("10.0.0.1");
      advance(1000);

      expect([newcomer, proxy === undefined]).toEqual([undefined, false]);
      expect(refused).toEqual(["resets"]);
      expect(addresses.connect("192.0.2.100")).toBeDefined();
    });
  });

  it.each([
    ["the same address in IPv4 and in IPv6", "192.0.2.1", "::ffff:192.0.2.1"],
    ["two addresses of one IPv6 network", "2001:db8:0:1::1", "2001:db8:0:1:ffff::2"],
    ["two spellings of one IPv6 network", "2001:db8::1", "2001:db8:0:0:1:2:3:4"],
  ])("counts %s together", (_, one, other) => {
    const { addresses } = start({ addressConnections: 1 });
    addresses.connect(one);

    expect(addresses.connect(other)).toBeUndefined();
  });

  it("counts two IPv6 networks apart", () => {
    const { addresses } = start({ addressConnections: 1 });
    addresses.connect("2001:db8:0:1::1");

    expect(addresses.connect("2001:db8:0:2::1")).toBeDefined();
  });

  it.each([
    ["a trusted network", "10.1.2.3"],
    ["a trusted network in IPv6 form", "::ffff:10.1.2.3"],
    ["no network", "test"],
    ["no address", ""],
  ])("has no limits for what comes from %s", (_, host) => {
    const { addresses } = start({ addressConnections: 1, addressLogins: 1 }, ["10.0.0.0/8"]);
    for (let i = 0; i < 5; i += 1) {
      expect(addresses.connect(host)).toBeDefined();
      expect(addresses.takeLogin(`${host}:1`)).toBe(0);
    }
  });

  it("forgets addresses that do nothing, but none that has a connection, or was cut a moment ago", () => {
    const { addresses, advance } = start({ addressResets: 1 });
    addresses.connect("192.0.2.1");
    addresses.connect("192.0.2.2")?.end();
    const cut = addresses.connect("192.0.2.3");
    expect([cut?.reset(), cut?.reset()]).toEqual([true, false]);
    cut?.end();

    advance(20_000);
    const soon = addresses.size;
    advance(50_000);

    expect([soon, addresses.size]).toEqual([2, 1]);
  });
});
