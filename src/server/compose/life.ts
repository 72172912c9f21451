import { NodeLife } from "../session/node-life.js";
import type { Features } from "./features.js";
import type { Foundation } from "./foundation.js";

/** The node among the others. */
export function composeLife(
  { engine, nodeId, clock, report }: Foundation,
  { deliveries, sessions, remains }: Features,
  hear: (message: Uint8Array) => void,
): NodeLife {
  return new NodeLife({
    nodes: engine.nodes,
    nodeId,
    hear,
    onNodes: (nodeIds) => deliveries.onNodes(nodeIds),
    onLost: () => sessions.endAll(),
    clear: (fallen) => remains.clear(fallen),
    clock,
    report,
  });
}
