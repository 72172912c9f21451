import { describe, expect, it } from "vitest";
import { Rig } from "../../bench/load/rig.js";
import { startScript } from "../../bench/systems/script-server.js";
import type { System } from "../../bench/systems/system.js";
import type { WireName } from "../../bench/wire/wires.js";
import { defaultConfig } from "../../src/server/config.js";
import { createServer } from "../../src/server/index.js";

/** The server of the sources, within the test's own process. */
const aldis: System = {
  name: "aldis",
  about: "",
  wire: "aldis",
  version: () => "",
  async start() {
    const tokenSecret = "the secret of a test, which has to be long enough";
    const config = {
      ...defaultConfig("unused"),
      store: "memory" as const,
      grpcPort: 0,
      httpPort: 0,
      development: false,
      tokenSecret,
    };
    const server = await createServer({ config });
    const { hostname, port } = new URL(`http://${server.addresses.grpc}`);
    return {
      pid: process.pid,
      address: { address: hostname, port: Number(port) },
      secret: tokenSecret,
      stop: () => server.close(),
    };
  },
};

function script(wire: WireName, name: string): System {
  return { name, about: "", wire, version: () => "", start: () => startScript(name) };
}

const systems = [aldis, script("naive", "naive"), script("ws", "ws"), script("socket.io", "socket-io"), script("tcp", "tcp")];

describe("a benchmark", () => {
  it.each(systems)("hears from $name every message once and in order", async (system) => {
    const rig = await Rig.start(system);
    await rig.fill(3);

    const measured = await rig.measure({ rate: 100, seconds: 0.2, bytes: 64 });

    await rig.stop();
    expect(measured).toMatchObject({ lost: 0, duplicated: 0, reordered: 0 });
    expect(measured.deliveries).toBeGreaterThan(0);
    expect(measured.deliveries % 3).toBe(0);
  });

  it("counts no loss when sessions are cut off and resume", async () => {
    const rig = await Rig.start(aldis);
    await rig.connect(4, 2);
    await rig.connectPublisher(2);
    await rig.cut();
    rig.publish(64);

    await rig.reconnect();

    await rig.settle();
    expect(await rig.losses()).toEqual({ lost: 0, toldLost: 0, duplicated: 0, reordered: 0 });
    await rig.leave();
    await rig.stop();
  });
});
