import type { LimitName, Limits } from "../../../../gen/aldis/v1/tables/limits.js";
import type { Runtime } from "../../runtime.js";
import type { Bus } from "../ports/bus.js";
import type { NodeDirectory, NodeEntry, Renewal } from "../ports/node-directory.js";
import { nodeTag } from "./keys.js";
import { Mailbox } from "./mail/mailbox.js";
import { Outgoing } from "./mail/outgoing.js";
import { mostOf, type Waiting } from "./mail/waiting.js";
import { listOf, numberOf, textOf } from "./reply.js";
import type { Runner } from "./runner.js";
import { enterLease, forgetFallen, leaveLease, listLeases, renewLease } from "./scripts/leases.js";
import { closeBox, countMail, forgetNode } from "./scripts/mail.js";

const leasesTag = "nodes";

export interface RedisNodeDirectoryParts {
  readonly runner: Runner;
  readonly runtime: Runtime;
  readonly bus: Bus;
  readonly limits: Limits;
  /** Hears each time that a limit of mail has refused something. */
  readonly onLimit: (limit: LimitName) => void;
}

/** A node directory in Redis: the leases of all nodes under one tag, and the mail of each under its own. */
export class RedisNodeDirectory implements NodeDirectory {
  readonly leaseMs: number;
  readonly #parts: RedisNodeDirectoryParts;
  readonly #runner: Runner;
  /** Of the nodes that live here. */
  readonly #mailboxes = new Map<string, Mailbox>();
  readonly #outgoing = new Map<string, Outgoing>();

  constructor(parts: RedisNodeDirectoryParts) {
    this.#parts = parts;
    this.#runner = parts.runner;
    this.leaseMs = parts.limits.presenceGraceMs;
  }

  async enter(nodeId: string, listener: (message: Uint8Array) => void): Promise<boolean> {
    if (numberOf(await this.#runner.run(enterLease, leasesTag, { node: nodeId })) === 0) return false;
    await this.#mailboxes.get(nodeId)?.end();
    this.#mailboxes.set(nodeId, await Mailbox.open(this.#parts, nodeId, listener));
    return true;
  }

  async renew(nodeId: string): Promise<Renewal> {
    const renewal = this.#runner.run(renewLease, leasesTag, { node: nodeId, leaseMs: this.leaseMs });
    const [reply, hasBox = true] = await Promise.all([renewal, this.#mailboxes.get(nodeId)?.take()]);
    const [isHeld, nodes, toClear] = listOf(reply);
    const fallen = listOf(toClear).map(textOf);
    // From now on nobody is told that they hear anything.
    await Promise.all(fallen.map((id) => this.#runner.run(closeBox, nodeTag(id), {})));
    if (numberOf(isHeld) === 0 || !hasBox) return { kind: "lost", fallen };
    return { kind: "held", nodes: listOf(nodes).map(textOf), fallen };
  }

  async leave(nodeId: string): Promise<void> {
    const mailbox = this.#mailboxes.get(nodeId);
    this.#mailboxes.delete(nodeId);
    await mailbox?.end();
    await this.#runner.run(forgetNode, nodeTag(nodeId), {});
    await this.#runner.run(leaveLease, leasesTag, { node: nodeId });
  }

  async forget(nodeId: string): Promise<void> {
    await this.#runner.run(forgetNode, nodeTag(nodeId), {});
    await this.#runner.run(forgetFallen, leasesTag, { node: nodeId });
  }

  send(nodeId: string, message: Uint8Array): Promise<boolean> {
    const outgoing = this.#outgoing.get(nodeId) ?? new Outgoing(this.#parts, nodeId, () => void this.#outgoing.delete(nodeId));
    this.#outgoing.set(nodeId, outgoing);
    return outgoing.send(message);
  }

  /** What waits here for another node: of the node for which most waits. */
  get outgoingMail(): Waiting {
    return mostOf([...this.#outgoing.values()].map(({ waiting }) => waiting));
  }

  /** What waited in Redis for the node that lives here when it last renewed its lease. */
  get incomingMail(): Waiting {
    return mostOf([...this.#mailboxes.values()].map(({ waiting }) => waiting));
  }

  async list(): Promise<NodeEntry[]> {
    const reply = listOf(await this.#runner.run(listLeases, leasesTag, {}));
    const ids = reply.filter((_, place) => place % 2 === 0).map(textOf);
    const entries = ids.map(async (nodeId, index) => ({
      nodeId,
      silentMs: numberOf(reply[2 * index + 1]),
      waitingMessages: numberOf(await this.#runner.run(countMail, nodeTag(nodeId), {})),
    }));
    return (await Promise.all(entries)).sort((one, other) => (one.nodeId < other.nodeId ? -1 : 1));
  }
}
