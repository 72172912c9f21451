import { describe, expect, it } from "vitest";
import { nodeHost } from "../../../src/client/dialect/rts/host.js";
import { type Host, NetworkType, RTS, type SysStats } from "../../../src/client/dialect/rts/index.js";
import { createClientClock } from "../../support/client-clock.js";
import { whenFinished } from "../../support/dialect-server.js";

const MB = 2 ** 20;

/** A host with 4 cores, of whose time the process takes 10 % and all together 50 %. */
function createHost(): Host & { network: NetworkType; looks: number } {
  return {
    network: NetworkType.Unknown,
    looks: 0,
    figures() {
      this.looks += 1;
      return {
        cpuCores: 4,
        appCpuMs: 100 + this.looks * 800,
        busyCpuMs: 1_000 + this.looks * 4_000,
        allCpuMs: 5_000 + this.looks * 8_000,
        appMemoryBytes: 100.5 * MB,
        fullMemoryBytes: 1_000 * MB,
        freeMemoryBytes: 250 * MB,
      };
    },
    networkType() {
      return this.network;
    },
  };
}

describe("the statistics of the system", () => {
  it("V-C01 come every 2 s with the figures of the host, until the engine is destroyed", async () => {
    const [clock, host] = [createClientClock(), createHost()];
    const told: SysStats[] = [];
    const rts = RTS.createRTS("app", { onSysStats: (stats) => void told.push(stats) }, { runtime: clock, host });

    await clock.advance(1_999);
    const early = told.length;
    await clock.advance(4_001);
    rts?.destroyRTS();
    await clock.advance(10_000);

    expect([early, told.length, clock.plannedTasks]).toEqual([0, 3, 0]);
    expect(told[2]).toEqual({
      cpuCores: 4,
      cpuAppUsage: 0.1,
      cpuTotalUsage: 0.5,
      memoryUsage: 100.5,
      fullMemory: 1_000,
      totalMemoryUsage: 750,
      freeMemory: 250,
      memoryRatio: expect.closeTo(10.05),
      totalMemoryRatio: 75,
    });
  });

  it("V-C01 are real by default, and 0 where the host does not tell", async () => {
    const clock = createClientClock();
    const told: SysStats[] = [];
    const silent = {
      cpuCores: 0,
      appCpuMs: 0,
      busyCpuMs: 0,
      allCpuMs: 0,
      appMemoryBytes: 0,
      fullMemoryBytes: 0,
      freeMemoryBytes: 0,
    };
    const delegate = { onSysStats: (stats: SysStats) => void told.push(stats) };
    const engines = [{}, { host: { ...nodeHost, figures: () => silent } }].map((parameters) =>
      RTS.createRTS("app", delegate, { runtime: clock, ...parameters }),
    );
    for (const engine of engines) whenFinished(() => engine?.destroyRTS());

    await clock.advance(2_000);

    const [real, unknown] = told;
    expect(real?.cpuCores).toBeGreaterThan(0);
    expect(real?.memoryUsage).toBeGreaterThan(10);
    expect(real?.fullMemory).toBeGreaterThan(real?.memoryUsage ?? 0);
    expect(real?.memoryRatio).toBeLessThan(100);
    expect((real?.freeMemory ?? 0) + (real?.totalMemoryUsage ?? 0)).toBeCloseTo(real?.fullMemory ?? 0, -1);
    for (const share of [real?.cpuAppUsage, real?.cpuTotalUsage]) expect(share).toBeLessThanOrEqual(1);
    expect(new Set(Object.values(unknown ?? {}))).toEqual(new Set([0]));
  });

  it("V-C01 V-C18 cost nothing where nobody asks for them", () => {
    const [clock, host] = [createClientClock(), createHost()];

    RTS.createRTS("app", {}, { runtime: clock, host });

    expect([clock.plannedTasks, host.looks]).toEqual([0, 0]);
  });
});

describe("the network of the host", () => {
  it("V-C18 V-E09 is told when it changes", async () => {
    const [clock, host] = [createClientClock(), createHost()];
    const told: NetworkType[] = [];
    const rts = RTS.createRTS("app", { onNetworkTypeChanged: (type) => void told.push(type) }, { runtime: clock, host });
    whenFinished(() => rts?.destroyRTS());

    await clock.advance(4_000);
    for (const type of [NetworkType.Disconnected, NetworkType.WIFI, NetworkType.WIFI]) {
      host.network = type;
      await clock.advance(2_000);
    }

    expect(told).toEqual([NetworkType.Disconnected, NetworkType.WIFI]);
  });

  it("V-E09 is unknown or away in Node", () => {
    expect([NetworkType.Unknown, NetworkType.Disconnected]).toContain(nodeHost.networkType());
  });
});
