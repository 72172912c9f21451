import type { Clock } from "../../runtime.js";
import type { NodeDirectory, NodeEntry, Renewal } from "../ports/node-directory.js";
import { bytesTopic } from "../ports/topic.js";
import { MemoryBus } from "./memory-bus.js";

/** How long a node that was asked to clear what a fallen one has left has for it, in milliseconds, before another one is asked. */
const clearingMs = 5000;

interface Lease {
  renewedAt: number;
  /** Since when it has been renewed without a break. */
  unbrokenSince: number;
}

/** A node directory in memory. Mail is heard as on a `MemoryBus`. */
export class MemoryNodeDirectory implements NodeDirectory {
  readonly leaseMs: number;
  readonly #clock: Clock;
  readonly #mail = new MemoryBus();
  readonly #leases = new Map<string, Lease>();
  readonly #hearing = new Map<string, () => Promise<void>>();
  /** When each fallen node may be given to somebody to clear. */
  readonly #fallen = new Map<string, number>();

  /** Nodes fall `leaseMs` after their last renewal; by default never. */
  constructor({ clock, leaseMs = Number.POSITIVE_INFINITY }: { clock: Clock; leaseMs?: number }) {
    this.#clock = clock;
    this.leaseMs = leaseMs;
  }

  async enter(nodeId: string, listener: (message: Uint8Array) => void): Promise<boolean> {
    if (this.#fallen.has(nodeId)) return false;
    const nowMs = this.#clock.monotonic();
    this.#leases.set(nodeId, { renewedAt: nowMs, unbrokenSince: nowMs });
    await this.#hearing.get(nodeId)?.();
    const subscription = await this.#mail.subscribe(bytesTopic(nodeId), listener);
    this.#hearing.set(nodeId, () => subscription.end());
    return true;
  }

  async renew(nodeId: string): Promise<Renewal> {
    const nowMs = this.#clock.monotonic();
    const lease = this.#leases.get(nodeId);
    if (lease === undefined) return { kind: "lost", fallen: this.#toClear(nowMs) };
    if (this.#isOver(lease, nowMs)) lease.unbrokenSince = nowMs;
    lease.renewedAt = nowMs;
    if (nowMs - lease.unbrokenSince >= this.leaseMs) this.#fell(nowMs);
    return { kind: "held", nodes: [...this.#leases.keys()], fallen: this.#toClear(nowMs) };
  }

  async leave(nodeId: string): Promise<void> {
    this.#remove(nodeId);
  }

  async forget(nodeId: string): Promise<void> {
    this.#fallen.delete(nodeId);
  }

  async send(nodeId: string, message: Uint8Array): Promise<boolean> {
    if (!this.#leases.has(nodeId)) return false;
    this.#mail.publishNow(bytesTopic(nodeId), message);
    return true;
  }

  async list(): Promise<NodeEntry[]> {
    const nowMs = this.#clock.monotonic();
    const entries = [...this.#leases].map(([nodeId, { renewedAt }]) => ({
      nodeId,
      silentMs: nowMs - renewedAt,
      waitingMessages: 0,
    }));
    return entries.sort((one, other) => (one.nodeId < other.nodeId ? -1 : 1));
  }

  #fell(nowMs: number): void {
    for (const [nodeId, lease] of this.#leases) {
      if (!this.#isOver(lease, nowMs)) continue;
      this.#remove(nodeId);
      this.#fallen.set(nodeId, nowMs);
    }
  }

  #toClear(nowMs: number): string[] {
    const due = [...this.#fallen].filter(([, dueAt]) => dueAt <= nowMs).map(([nodeId]) => nodeId);
    for (const nodeId of due) this.#fallen.set(nodeId, nowMs + clearingMs);
    return due;
  }

  #remove(nodeId: string): void {
    this.#leases.delete(nodeId);
    void this.#hearing.get(nodeId)?.();
    this.#hearing.delete(nodeId);
  }

  #isOver({ renewedAt }: Lease, nowMs: number): boolean {
    return nowMs - renewedAt >= this.leaseMs;
  }
}
