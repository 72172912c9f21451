/** A node as the others see it. */
export interface NodeEntry {
  readonly nodeId: string;
  /** Milliseconds since it last renewed its lease. */
  readonly silentMs: number;
  /** The messages that were sent to it and that it has not taken. */
  readonly waitingMessages: number;
}

export type Renewal =
  | {
      readonly kind: "held";
      /** All nodes that hold a lease, this one too. */
      readonly nodes: readonly string[];
      /** Nodes that have fallen and whose remains this node is to clear now. Nobody else is asked to for some seconds. */
      readonly fallen: readonly string[];
    }
  /** The node is not in the directory: it has fallen, or the engine has lost its data. All that it had is over. */
  | { readonly kind: "lost"; readonly fallen: readonly string[] };

/**
 * Which nodes there are, and the mail between them. A node is in the directory from `enter` to `leave`, or until it falls: its
 * lease is over, and a node that has renewed its own for a whole lease without a break has seen that. So when all of them could
 * not renew, because the engine was away, none of them falls for it. Leases are on the engine's clock.
 */
export interface NodeDirectory {
  /** Milliseconds after its last renewal from which a node may fall. Infinity where nodes fall with the engine only. */
  readonly leaseMs: number;
  /**
   * Puts a node into the directory, and begins to hear its mail. The listener must not throw, and must not change the bytes.
   * False, and nothing is done, while what remains of its former life is to be cleared.
   */
  enter(nodeId: string, listener: (message: Uint8Array) => void): Promise<boolean>;
  /** Extends the lease of a node. To be called every second. */
  renew(nodeId: string): Promise<Renewal>;
  /** Takes a node out in good order: it has nothing left. Mail that it has not heard is lost. */
  leave(nodeId: string): Promise<void>;
  /** The remains of a fallen node are cleared. */
  forget(nodeId: string): Promise<void>;
  /**
   * Sends a message to a node. It is heard once, behind all that the caller has sent to that node before, also over a broken
   * connection to the engine. False if there is no such node, or if it has fallen: then it is not heard. Rejects if nobody can
   * say, or with `EngineExhausted` if too much waits for the node.
   */
  send(nodeId: string, message: Uint8Array): Promise<boolean>;
  /** All nodes that hold a lease, by id. */
  list(): Promise<NodeEntry[]>;
}
