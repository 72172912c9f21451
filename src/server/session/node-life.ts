import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import type { NodeDirectory } from "../engine/ports/node-directory.js";
import { type Refusal, refuse } from "../feature/refusal.js";
import type { Clock, Timer } from "../runtime.js";

/** How often the lease is renewed, in milliseconds; so soon may whoever is refused try again. */
const renewMs = 1000;

export interface NodeLifeServices {
  readonly nodes: NodeDirectory;
  readonly nodeId: string;
  /** Hears the node's mail. */
  readonly hear: (message: Uint8Array) => void;
  /** Hears which nodes hold a lease. */
  readonly onNodes: (nodeIds: readonly string[]) => void;
  /** All that the node had is over: it has fallen, or the engine has lost its data. */
  readonly onLost: () => Promise<void>;
  /** Clears what a fallen node has left. */
  readonly clear: (nodeId: string) => Promise<void>;
  readonly clock: Clock;
  readonly report: (failure: unknown) => void;
}

/**
 * The node's place among the nodes. It holds a lease, and refuses calls and logins while the lease may be over by its own clock:
 * a node that was stopped or cut off for long must not act on what others have taken over. A node that has fallen ends what it
 * had, and begins again. Where nodes fall with the engine only, all this costs nothing.
 */
export class NodeLife {
  private entered = false;
  /** Until when the lease is certain to be held, on the monotonic clock. */
  private heldUntil = Number.NEGATIVE_INFINITY;
  private timer: Timer | undefined;
  private beating = false;
  private ended = false;
  private readonly clearing = new Set<string>();

  constructor(private readonly services: NodeLifeServices) {}

  /** True while the lease may be over. */
  get isFenced(): boolean {
    return this.heldUntil !== Number.POSITIVE_INFINITY && this.services.clock.monotonic() >= this.heldUntil;
  }

  /** The refusal of whatever needs the lease. Undefined while it is held. */
  refuse(): Refusal | undefined {
    if (!this.isFenced) return undefined;
    const message = "the server has no contact to the others; try again later, or another one";
    return refuse(ErrorCode.UNAVAILABLE, message, { retryAfterMs: renewMs });
  }

  /** Resolves when the node is among the others. */
  async begin(): Promise<void> {
    const { nodes, clock, report } = this.services;
    await this.enter();
    while (!this.entered) {
      // What is in the way is left of a former life of the node, and this may be the one to clear it.
      await this.beat();
      if (!this.entered) await new Promise<void>((resolve) => clock.after(renewMs, resolve));
    }
    if (!Number.isFinite(nodes.leaseMs)) return;
    this.timer = clock.every(renewMs, () => {
      if (!this.beating) this.beat().catch(report);
    });
  }

  /** The node stops. If it has left nothing it leaves; otherwise it falls, and the others clear what it has left. */
  async end(hasLeftNothing: boolean): Promise<void> {
    this.ended = true;
    this.timer?.cancel();
    const { nodes, nodeId, report } = this.services;
    if (hasLeftNothing || !Number.isFinite(nodes.leaseMs)) await nodes.leave(nodeId).catch(report);
  }

  private async beat(): Promise<void> {
    this.beating = true;
    try {
      if (!this.entered) await this.enter();
      if (Number.isFinite(this.services.nodes.leaseMs)) await this.renew();
    } finally {
      this.beating = false;
    }
  }

  private async enter(): Promise<void> {
    const { nodes, nodeId, hear, clock } = this.services;
    const sentAt = clock.monotonic();
    this.entered = await nodes.enter(nodeId, hear);
    if (this.entered) this.heldUntil = sentAt + nodes.leaseMs;
  }

  private async renew(): Promise<void> {
    const { nodes, nodeId, onNodes, clock } = this.services;
    const sentAt = clock.monotonic();
    const renewal = await nodes.renew(nodeId);
    if (this.ended) return;
    if (renewal.kind === "held") {
      this.heldUntil = sentAt + nodes.leaseMs;
      onNodes(renewal.nodes);
    } else if (this.entered) await this.lose();
    for (const fallen of renewal.fallen) this.clear(fallen);
  }

  private async lose(): Promise<void> {
    this.entered = false;
    this.heldUntil = Number.NEGATIVE_INFINITY;
    await this.services.onLost();
  }

  /** Beside the renewals: a node may have left much. */
  private clear(nodeId: string): void {
    if (this.clearing.has(nodeId)) return;
    this.clearing.add(nodeId);
    const { nodes, clear, report } = this.services;
    clear(nodeId)
      .then(() => nodes.forget(nodeId))
      .catch(report)
      .finally(() => this.clearing.delete(nodeId));
  }
}
