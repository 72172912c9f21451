import { PeerSubscriptionOption, QueryPeersOnlineStatusError } from "aldis/rtm";
import { describe, expect, it } from "vitest";
import { startDialectServer } from "../../support/dialect-server.js";
import { startManualWorld } from "./manual-world.js";
import { codeOf, createUser, loginUser } from "./support.js";

describe("queryPeersOnlineStatus", () => {
  it("R-M11 R-E09 tells for each peer whether it is online, also for ids that are names of JavaScript", async () => {
    const server = await startDialectServer();
    const ann = await loginUser(server, "ann");
    await loginUser(server, "__proto__");

    const status = await ann.client.queryPeersOnlineStatus(["nobody", "__proto__", "ann"]);

    expect(Object.entries(status)).toEqual([
      ["nobody", false],
      ["__proto__", true],
      ["ann", true],
    ]);
  });

  it("R-M11 R-E21 counts a peer that is silent, and not yet gone, as online", async () => {
    const world = await startManualWorld();
    const [ann, bob] = [await world.login("ann"), await world.login("bob")];

    bob.link.cut();
    await world.pass(10_000);
    expect(await world.during(ann.client.queryPeersOnlineStatus(["bob"]))).toEqual({ bob: true });
    await world.pass(25_000);
    expect(await world.during(ann.client.queryPeersOnlineStatus(["bob"]))).toEqual({ bob: false });
  });

  it("R-M11 R-E09 R-L01 R-L07 takes 1 to 256 ids, and 10 calls in 5 seconds", async () => {
    const { client } = await loginUser(await startDialectServer(), "ann");
    const ids = (count: number) => Array.from({ length: count }, (_, i) => `user ${i}`);

    expect(await codeOf(client.queryPeersOnlineStatus([]))).toBe(QueryPeersOnlineStatusError.INVALID_ARGUMENT);
    expect(await codeOf(client.queryPeersOnlineStatus(["a*b"]))).toBe(QueryPeersOnlineStatusError.INVALID_ARGUMENT);
    expect(await codeOf(client.queryPeersOnlineStatus("ann" as never))).toBe(QueryPeersOnlineStatusError.INVALID_ARGUMENT);
    expect(await codeOf(client.queryPeersOnlineStatus(ids(257)))).toBe(QueryPeersOnlineStatusError.INVALID_ARGUMENT);
    expect(Object.keys(await client.queryPeersOnlineStatus(ids(256)))).toHaveLength(256);
    const codes = await Promise.all(ids(10).map((id) => codeOf(client.queryPeersOnlineStatus([id]))));
    expect(codes.at(-1)).toBe(QueryPeersOnlineStatusError.TOO_OFTEN);
  });

  it("R-E09 needs a login", async () => {
    const { client } = createUser(await startDialectServer());

    expect(await codeOf(client.queryPeersOnlineStatus(["ann"]))).toBe(QueryPeersOnlineStatusError.USER_NOT_LOGGED_IN);
  });
});

describe("status subscriptions of the Web SDK", () => {
  it("R-E21 tell the present state at once and every later one", async () => {
    const world = await startManualWorld();
    const [ann, bob] = [await world.login("ann"), await world.login("bob")];

    await world.during(ann.client.subscribePeersOnlineStatus(["bob", "carol"]));
    await world.pass(1);
    expect(ann.recorder.told).toEqual([["PeersOnlineStatusChanged", { bob: "ONLINE", carol: "OFFLINE" }]]);
    bob.link.cut();
    await world.pass(40_000);

    expect(ann.recorder.of("PeersOnlineStatusChanged").slice(1)).toEqual([[{ bob: "UNREACHABLE" }], [{ bob: "OFFLINE" }]]);
  });

  it("can be listed, and ended", async () => {
    const server = await startDialectServer();
    const ann = await loginUser(server, "ann");

    await ann.client.subscribePeersOnlineStatus(["bob", "carol"]);
    await ann.client.unsubscribePeersOnlineStatus(["carol"]);
    expect(await ann.client.queryPeersBySubscriptionOption(PeerSubscriptionOption.ONLINE_STATUS)).toEqual(["bob"]);
    expect(await codeOf(ann.client.queryPeersBySubscriptionOption("NAME" as never))).toBe(2);
    await loginUser(server, "carol");
    await loginUser(server, "bob");
    await ann.recorder.until("PeersOnlineStatusChanged", 2);

    expect(ann.recorder.of("PeersOnlineStatusChanged")).toEqual([[{ bob: "OFFLINE", carol: "OFFLINE" }], [{ bob: "ONLINE" }]]);
  });
});
