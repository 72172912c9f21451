import type { RedisServer } from "./server.js";

/** Patience of one MIGRATE, in milliseconds. */
const migrateMs = 5000;
/** As many as a busy slot has, so that it moves faster than calls lose their patience. */
const keysAtOnce = 1000;

interface SlotMove {
  readonly slot: number;
  readonly from: RedisServer;
  readonly to: RedisServer;
  /** All servers of the cluster. */
  readonly servers: readonly RedisServer[];
  /** Called when the slot is between both: some of its keys are here and some there, if it has so many. */
  readonly between?: () => Promise<void>;
}

/** Moves a slot with its keys while others use it, as `redis-cli --cluster reshard` does. */
export async function moveSlot({ slot, from, to, servers, between }: SlotMove): Promise<void> {
  const [fromId, toId] = await Promise.all([from, to].map((server) => server.call("CLUSTER", "MYID") as Promise<string>));
  await to.call("CLUSTER", "SETSLOT", slot, "IMPORTING", fromId ?? "");
  await from.call("CLUSTER", "SETSLOT", slot, "MIGRATING", toId ?? "");
  let isFirst = true;
  for (;;) {
    const keys = (await from.call("CLUSTER", "GETKEYSINSLOT", slot, isFirst ? 1 : keysAtOnce)) as string[];
    if (keys.length > 0) await from.call("MIGRATE", to.host, to.port, "", 0, migrateMs, "KEYS", ...keys);
    if (isFirst) await between?.();
    else if (keys.length === 0) break;
    isFirst = false;
  }
  // The new owner first, so that the slot never belongs to nobody.
  await to.call("CLUSTER", "SETSLOT", slot, "NODE", toId ?? "");
  for (const server of servers) if (server !== to) await server.call("CLUSTER", "SETSLOT", slot, "NODE", toId ?? "");
}

/** The server that has a slot. */
export async function ownerOf(slot: number, servers: readonly RedisServer[]): Promise<RedisServer> {
  const ranges = (await servers[0]?.call("CLUSTER", "SLOTS")) as readonly [number, number, readonly [string, number]][];
  const port = ranges.find(([first, last]) => first <= slot && slot <= last)?.[2][1];
  const owner = servers.find((server) => server.port === port);
  if (owner === undefined) throw new Error(`no server has slot ${slot}`);
  return owner;
}
