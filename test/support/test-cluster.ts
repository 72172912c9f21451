// Several nodes on one engine, on one manual clock.
import { defaultLimits, type Limits } from "../../gen/aldis/v1/tables/limits.js";
import type { Engine } from "../../src/server/engine/engine.js";
import type { EngineConnection } from "./engine-connection.js";
import { createManualRuntime, type ManualRuntime } from "./manual-runtime.js";
import { ProcessRuntime } from "./process-runtime.js";
import type { RawClient } from "./raw-client.js";
import { SharedEngine } from "./shared-engine.js";
import { startTestNode, type TestNode, type TestNodeOptions } from "./test-node.js";

export interface ClusterNode extends TestNode {
  readonly nodeId: string;
  /** Its way to the engine: can be cut, delayed, and made to lose things. */
  readonly connection: EngineConnection;
  /** Kills the process: its clients see broken links, the engine hears nothing. */
  crash(): void;
  /** Stops the process; its clients see nothing. */
  stop(): void;
  /** Lets the process go on. */
  go(): void;
}

export interface TestCluster {
  readonly runtime: ManualRuntime;
  readonly shared: SharedEngine;
  /** The engine as it is, over no connection. */
  readonly engine: Engine;
  /** Starts one more node. */
  start(nodeId: string): Promise<ClusterNode>;
  /** Lets time pass, in which the given clients keep themselves alive. */
  pass(ms: number, ...alive: RawClient[]): Promise<void>;
}

/** Makes a cluster without a node yet. Limits are those of the protocol but for the given ones. */
export function createTestCluster(limits: Partial<Limits> = {}, options: TestNodeOptions = {}): TestCluster {
  const runtime = createManualRuntime();
  const shared = new SharedEngine({ runtime, limits: { ...defaultLimits, ...limits } });
  let some: ClusterNode | undefined;
  return {
    runtime,
    shared,
    get engine() {
      return shared.engine;
    },
    async start(nodeId) {
      const [connection, process] = [shared.connect(), new ProcessRuntime(runtime)];
      const openEngine = () => connection.engine;
      const test = await startTestNode(limits, { ...options, nodeId, runtime, process, openEngine });
      const clients: RawClient[] = [];
      const keep = <T extends Promise<RawClient>>(coming: T): T => {
        void coming.then((client) => clients.push(client));
        return coming;
      };
      some = {
        ...test,
        nodeId,
        connection,
        login: (...args) => keep(test.login(...args)),
        resume: (...args) => keep(test.resume(...args)),
        crash() {
          process.kill();
          connection.kill();
          for (const client of clients) client.cut();
        },
        stop() {
          process.stop();
          connection.stop();
        },
        go() {
          connection.go();
          process.go();
        },
      };
      return some;
    },
    pass: async (ms, ...alive) => some?.pass(ms, ...alive),
  };
}
