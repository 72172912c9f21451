import { expect, it } from "vitest";
import { Partitions } from "../../../../src/server/engine/redis/partitions.js";
import { describeWithRedis, sharedRedisCluster } from "../../../support/redis.js";

describeWithRedis("Partitions", () => {
  const cluster = sharedRedisCluster(1);

  it.each(["attributes", "inbox", "invitations", "bans"])("have one slot in each even share of them: %s", async (kind) => {
    const [server] = cluster();
    const client = server?.connect();
    const slots = await Promise.all(new Partitions(kind).tags.map((tag) => client?.cluster("KEYSLOT", `aldis:{${tag}}:any`)));
    client?.disconnect();

    expect(slots.map((slot) => Math.floor(Number(slot) / 256))).toEqual(Array.from({ length: 64 }, (_, part) => part));
  });
});
