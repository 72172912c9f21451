import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { temporaryDirectory } from "../support/temporary-directory.js";
import { aldis, aldisInMemory } from "./aldis.js";
import { aldisOnRedis } from "./aldis-cluster.js";
import { installedVersion, startInstalled } from "./installed-server.js";
import { startRedis } from "./redis.js";
import { startScript } from "./script-server.js";
import type { System } from "./system.js";

const require = createRequire(import.meta.url);

const naive: System = {
  name: "naive",
  about: "grpc-js, one stream a member, one encoding and one write for each receiver",
  wire: "naive",
  version: () => packageVersion("@grpc/grpc-js"),
  start: () => startScript("naive"),
};

const naiveOnDisk: System = {
  name: "naive-disk",
  about:
    "the same, which has each message on disk before it sends it: what Aldis with channel logs on disk is to be compared with",
  wire: "naive",
  version: naive.version,
  start: () => startScript("naive", join(temporaryDirectory(), "log")),
};

const ws: System = {
  name: "ws",
  about: "the ws package, one frame a message to each client",
  wire: "ws",
  version: () => packageVersion("ws"),
  start: () => startScript("ws"),
};

const socketIo: System = {
  name: "socket.io",
  about: "a Socket.IO room over WebSocket",
  wire: "socket.io",
  version: () => packageVersion("socket.io"),
  start: () => startScript("socket-io"),
};

const tcp = floor({
  name: "tcp",
  about: "raw TCP in Node that writes as many bytes in as large batches as Aldis: the floor",
  script: "tcp",
  wire: "tcp",
});
const http2 = floor({
  name: "http2",
  about: "the same over Node's HTTP/2 with gRPC's framing: the floor of gRPC in Node",
  script: "http2",
  wire: "http2",
});
const http2OnDisk = floor({
  name: "http2-disk",
  about: "the same, which has each batch on disk before it writes it: the floor of Aldis's latency",
  script: "http2",
  wire: "http2",
  hasLog: true,
});
const protocol = floor({
  name: "protocol",
  about: "the least that keeps the promises of Aldis's protocol over Node's HTTP/2, in as large batches, with each on disk",
  script: "protocol",
  wire: "aldis",
  hasLog: true,
});

const nats: System = {
  name: "nats",
  about: "nats-server, a subject",
  wire: "nats",
  version: () => installedVersion("nats-server", "--version"),
  start: () => startInstalled("nats-server", ({ port }) => ["--addr", "127.0.0.1", "--port", String(port)]),
};

const redis: System = {
  name: "redis",
  about: "Redis publish and subscribe",
  wire: "redis",
  version: () => installedVersion("redis-server", "--version"),
  start: () => startRedis("no"),
};

const mosquitto: System = {
  name: "mosquitto",
  about: "Mosquitto, an MQTT topic with QoS 0",
  wire: "mqtt",
  version: () => installedVersion("mosquitto", "-h"),
  start: () =>
    startInstalled(
      "mosquitto",
      ({ config }) => ["-c", config],
      (port) => `listener ${port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\nmax_queued_messages 0\n`,
    ),
};

const all: readonly System[] = [
  aldis,
  aldisInMemory,
  aldisOnRedis,
  naive,
  naiveOnDisk,
  ws,
  socketIo,
  tcp,
  http2,
  http2OnDisk,
  protocol,
  nats,
  redis,
  mosquitto,
];

/** How to get the systems that are not packages of Node. */
const installHint = "apt-get install nats-server redis-server mosquitto";

/** The names of the systems that Aldis can be compared with. */
export const peerNames: readonly string[] = all.filter((system) => system !== aldis).map(({ name }) => name);

/** The names of the systems that do nothing but write. */
export const floorNames: readonly string[] = all.filter(({ isFloor }) => isFloor).map(({ name }) => name);

/** Aldis and the peers of these names. One that is not installed is left out with a notice. */
export function systemsOf(peers: readonly string[], notice: (text: string) => void): readonly System[] {
  return [aldis, ...all.filter(({ name }) => peers.includes(name))].filter((system) => {
    const isThere = system.version() !== undefined;
    if (!isThere) notice(`${system.name} is not installed and is left out; to have it: ${installHint}`);
    return isThere;
  });
}

interface Floor extends Pick<System, "name" | "about" | "wire"> {
  /** Its file in `servers/`. */
  readonly script: string;
  /** True if a batch is on disk before it is written. */
  readonly hasLog?: boolean;
}

/** A server in Node that does little but write what Aldis writes. */
function floor({ script, hasLog = false, ...system }: Floor): System {
  return {
    ...system,
    isFloor: true,
    version: () => process.version,
    start({ batches: { size, bytesPerDelivery } = { size: 1, bytesPerDelivery: 0 } }) {
      const sizes = [String(Math.max(1, Math.round(size))), String(Math.round(bytesPerDelivery))];
      return startScript(script, ...sizes, ...(hasLog ? [join(temporaryDirectory(), "log")] : []));
    },
  };
}

function packageVersion(name: string): string {
  return (JSON.parse(readFileSync(require.resolve(`${name}/package.json`), "utf8")) as { version: string }).version;
}
