import { expect, it } from "vitest";
import { NodeMessage } from "../../../../../gen/aldis/node/v1/node.js";
import { NodeStatistics } from "../../../../../gen/aldis/v1/admin_service.js";
import { defaultLimits } from "../../../../../gen/aldis/v1/tables/limits.js";
import { createEmbeddedEngine } from "../../../../../src/server/engine/embedded/embedded-engine.js";
import { NodeRequests } from "../../../../../src/server/feature/admin/node-requests.js";
import { sessionHandlers } from "../../../../../src/server/feature/admin/sessions.js";
import { createManualRuntime } from "../../../../support/manual-runtime.js";

it("the figures of the cluster have the nodes that do not answer too, and say so", async () => {
  const runtime = createManualRuntime();
  const { clock } = runtime;
  const engine = createEmbeddedEngine({ runtime, limits: defaultLimits });
  const statistics = NodeStatistics.create({ nodeId: "well", attachedSessions: 3 });
  const answerer = { answer: async () => ({ $case: "statistics" as const, value: statistics }) };
  const requests = new NodeRequests(engine.nodes, "well", answerer, clock, () => {});
  await engine.nodes.enter("silent", () => {});
  await engine.nodes.enter("well", (bytes) => {
    const { action } = NodeMessage.decode(bytes);
    if (action?.$case === "request") requests.onRequest(action.value);
    if (action?.$case === "reply") requests.onReply(action.value);
  });
  const { getStatistics } = sessionHandlers(engine, requests, clock);

  const asked = getStatistics({ appId: "" }, { key: { app: undefined } } as Parameters<typeof getStatistics>[1]);
  await runtime.advanceAsync(5000);

  expect(await asked).toMatchObject({
    nodes: [
      { nodeId: "silent", unanswered: true, attachedSessions: 0, silentMs: 0 },
      { nodeId: "well", unanswered: false, attachedSessions: 3 },
    ],
  });
});
