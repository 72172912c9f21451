import { NodeMessage, type NodeReply, type NodeRequest } from "../../../../gen/aldis/node/v1/node.js";
import { encode } from "../../encode.js";
import type { NodeDirectory } from "../../engine/ports/node-directory.js";
import type { Clock } from "../../runtime.js";
import { within } from "../within.js";

/** How long a node may take for an answer, in milliseconds. One that has died gives none. */
const patienceMs = 5000;

type Request = NonNullable<NodeRequest["request"]>;
type Reply = NonNullable<NodeReply["reply"]>;

/** Does what another node, or this one, asks for an operator. */
export interface NodeAnswerer {
  answer(request: Request): Promise<Reply>;
}

/** Questions between nodes, and their answers. */
export class NodeRequests {
  private readonly open = new Map<number, (reply: Reply | undefined) => void>();
  private lastId = 0;

  constructor(
    private readonly nodes: NodeDirectory,
    private readonly nodeId: string,
    private readonly answerer: NodeAnswerer,
    private readonly clock: Clock,
    private readonly report: (failure: unknown) => void,
  ) {}

  /** Asks a node. Undefined if it does not answer. */
  async ask(nodeId: string, request: Request): Promise<Reply | undefined> {
    this.lastId += 1;
    const requestId = this.lastId;
    const replied = new Promise<Reply | undefined>((resolve) => this.open.set(requestId, resolve));
    try {
      const sent = await this.send(nodeId, { $case: "request", value: { replyTo: this.nodeId, requestId, request } });
      if (!sent) return undefined;
      return await within(this.clock, patienceMs, replied);
    } finally {
      this.open.delete(requestId);
    }
  }

  /** A node asks this one. */
  onRequest({ replyTo, requestId, request }: NodeRequest): void {
    if (request === undefined) return;
    this.answerer
      .answer(request)
      .then((reply) => this.send(replyTo, { $case: "reply", value: { requestId, reply } }))
      .catch(this.report);
  }

  /** A node answers this one. An answer that nobody waits for any more is dropped. */
  onReply({ requestId, reply }: NodeReply): void {
    this.open.get(requestId)?.(reply);
  }

  private send(nodeId: string, action: NonNullable<NodeMessage["action"]>): Promise<boolean> {
    return this.nodes.send(nodeId, encode(NodeMessage, { action }));
  }
}
