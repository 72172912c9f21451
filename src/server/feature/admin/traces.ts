import type { TraceMessageRequest, TraceMessageResponse } from "../../../../gen/aldis/v1/admin_service.js";
import type { TraceSubject } from "../trace.js";
import type { AdminHandlers } from "./admin-context.js";
import type { NodeRequests } from "./node-requests.js";

/** What happened, as all nodes together remember it. */
export function traceHandlers(
  requests: NodeRequests,
  nodes: () => Promise<readonly string[]>,
): Pick<AdminHandlers, "traceMessage"> {
  async function read(nodeId: string, subject: TraceMessageRequest): Promise<TraceMessageResponse> {
    const reply = await requests.ask(nodeId, { $case: "readTrace", value: { subject } });
    // What a node would have told is missing.
    return reply?.$case === "trace" ? reply.value : { steps: [], truncated: true };
  }

  return {
    async traceMessage(request) {
      const traces = await Promise.all((await nodes()).map((nodeId) => read(nodeId, request)));
      const steps = traces.flatMap((trace) => trace.steps);
      steps.sort((one, other) => one.serverTimeMs - other.serverTimeMs);
      return { steps, truncated: traces.some((trace) => trace.truncated) };
    },
  };
}

/** The subject that a request asks for. Undefined if it names none. */
export function subjectOf({ appId, subject }: TraceMessageRequest): TraceSubject | undefined {
  switch (subject?.$case) {
    case "messageId":
      return { kind: "message", appId, id: subject.value };
    case "invitationId":
      return { kind: "invitation", appId, id: subject.value };
    case "userId":
      return { kind: "user", appId, id: subject.value };
    default:
      return undefined;
  }
}
