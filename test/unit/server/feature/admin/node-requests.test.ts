import { describe, expect, it } from "vitest";
import { NodeMessage } from "../../../../../gen/aldis/node/v1/node.js";
import { MemoryNodeDirectory } from "../../../../../src/server/engine/embedded/memory-node-directory.js";
import { NodeRequests } from "../../../../../src/server/feature/admin/node-requests.js";
import { createManualRuntime } from "../../../../support/manual-runtime.js";

const question = { $case: "describeNode", value: { appId: "app" } } as const;

/** Two nodes of one cluster; the second one answers with how many sessions it took out, unless the test holds it up. */
async function startNodes() {
  const runtime = createManualRuntime();
  const nodes = new MemoryNodeDirectory({ clock: runtime.clock });
  const failures: unknown[] = [];
  let held: Promise<void> = Promise.resolve();
  const start = async (nodeId: string) => {
    const answerer = {
      async answer() {
        await held;
        return { $case: "removed", value: nodeId.length } as const;
      },
    };
    const requests = new NodeRequests(nodes, nodeId, answerer, runtime.clock, (failure) => failures.push(failure));
    await nodes.enter(nodeId, (bytes) => {
      const { action } = NodeMessage.decode(bytes);
      if (action?.$case === "request") requests.onRequest(action.value);
      if (action?.$case === "reply") requests.onReply(action.value);
    });
    return requests;
  };
  const [here] = [await start("here"), await start("there-it-is")];
  const hold = () => {
    let release = () => {};
    held = new Promise((resolve) => (release = resolve));
    return release;
  };
  return { runtime, here, hold, failures };
}

describe("questions between nodes", () => {
  it("are answered by the node that is asked, also by oneself, each with its own answer", async () => {
    const { here } = await startNodes();

    const answers = await Promise.all([here.ask("there-it-is", question), here.ask("here", question)]);

    expect(answers).toEqual([
      { $case: "removed", value: 11 },
      { $case: "removed", value: 4 },
    ]);
  });

  it("stay without an answer from a node that is not there", async () => {
    const { here, runtime } = await startNodes();

    expect(await here.ask("nowhere", question)).toBeUndefined();
    expect(runtime.plannedTasks).toBe(0);
  });

  it("take no answer that comes too late", async () => {
    const { here, runtime, hold, failures } = await startNodes();
    const release = hold();

    const asked = here.ask("there-it-is", question);
    await runtime.advanceAsync(5000);
    release();
    await runtime.settle();

    expect(await asked).toBeUndefined();
    expect(failures).toEqual([]);
  });
});
