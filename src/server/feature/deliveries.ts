import { type DeliveryReport, DeliveryStatus, NodeMessage, type PeerDelivery } from "../../../gen/aldis/node/v1/node.js";
import type { PeerMessage } from "../../../gen/aldis/v1/message.js";
import { encode } from "../encode.js";
import type { Engine } from "../engine/engine.js";
import type { UserKey } from "../engine/ports/keys.js";
import type { SessionEntry } from "../engine/ports/session-directory.js";
import { isTakenBy, type PeerFeed } from "./inbox/peer-feed.js";
import type { Fate, LiveSession } from "./live-session.js";
import type { Unfinished } from "./unfinished.js";

const statuses: Readonly<Record<Fate, DeliveryStatus>> = {
  acknowledged: DeliveryStatus.ACKNOWLEDGED,
  refused: DeliveryStatus.FULL,
  ended: DeliveryStatus.GONE,
};

/** How far a delivery has come. `settled` never rejects. */
export interface Delivery {
  /** QUEUED when the message is in the session's queue; otherwise as `settled`. */
  readonly queued: Promise<DeliveryStatus>;
  /** ACKNOWLEDGED, GONE, FULL or INCOMPATIBLE: the last word. It may take as long as the receiver's session lives. */
  readonly settled: Promise<DeliveryStatus>;
}

interface OpenDelivery {
  readonly nodeId: string;
  /** True once the message is in the node's mail. */
  sent: boolean;
  /** True if the node was not among the live ones when they were told last. */
  doubtful: boolean;
  readonly queued: (status: DeliveryStatus) => void;
  readonly settled: (status: DeliveryStatus) => void;
}

/**
 * Takes peer messages to the node that has the receiver's session, and brings the reports back. Both halves live here: what
 * this node has asked others to deliver, and what others ask of it. They meet in the mail of nodes even within one node.
 */
export class Deliveries {
  private readonly open = new Map<number, OpenDelivery>();
  private lastId = 0;

  constructor(
    private readonly engine: Engine,
    private readonly nodeId: string,
    /** The user's newest session on this node. */
    private readonly findSession: (user: UserKey) => LiveSession | undefined,
    private readonly feedOf: (session: LiveSession) => PeerFeed,
    private readonly unfinished: Pick<Unfinished, "run">,
    private readonly report: (failure: unknown) => void,
    /** Hears of each message that is handed over, with its last word. */
    private readonly observe: (settled: Promise<DeliveryStatus>) => void,
  ) {}

  /** Hands a message to the receiver's node. Resolves when it is on its way, behind all that were handed over before. */
  async deliver(receiver: UserKey, entry: SessionEntry, message: PeerMessage): Promise<Delivery> {
    this.lastId += 1;
    const deliveryId = this.lastId;
    const { open, delivery } = this.begin(entry.nodeId);
    this.open.set(deliveryId, open);
    const value = { ...receiver, receiver: receiver.userId, epoch: entry.epoch, message, replyTo: this.nodeId, deliveryId };
    try {
      const sent = await this.engine.nodes.send(entry.nodeId, encode(NodeMessage, { action: { $case: "delivery", value } }));
      open.sent = true;
      if (!sent) this.onReport({ deliveryId, status: DeliveryStatus.GONE });
    } catch (failure) {
      this.open.delete(deliveryId);
      throw failure;
    }
    this.observe(delivery.settled);
    return delivery;
  }

  /** Another node asks this one to deliver. */
  onDelivery({ appId, receiver, epoch, message, replyTo, deliveryId }: PeerDelivery): void {
    const answer = (status: DeliveryStatus) => this.answer(replyTo, deliveryId, status);
    const session = this.findSession({ appId, userId: receiver });
    // Nothing is for a newer session whose sender does not know of it: what the sender has sent to this one may be still to be stored.
    if (session?.epoch !== epoch || message === undefined) return answer(DeliveryStatus.GONE);
    if (!isTakenBy(session, message)) return answer(DeliveryStatus.INCOMPATIBLE);
    let refused = false;
    this.feedOf(session).deliver(message, (fate) => {
      refused = fate === "refused";
      answer(refused && session.ended ? DeliveryStatus.GONE : statuses[fate]);
    });
    if (!refused) answer(DeliveryStatus.QUEUED);
  }

  /** Another node tells what became of a delivery of this one. One that is not open any more is none of our business. */
  onReport({ deliveryId, status }: DeliveryReport): void {
    const delivery = this.open.get(deliveryId);
    if (delivery === undefined) return;
    delivery.queued(status);
    if (status === DeliveryStatus.QUEUED) return;
    this.open.delete(deliveryId);
    delivery.settled(status);
  }

  /**
   * Hears which nodes live. What another one has in its queues is gone; a node is given up when two lists in a row lack it, as it
   * may have entered behind the first one.
   */
  onNodes(nodeIds: readonly string[]): void {
    const live = new Set(nodeIds);
    for (const [deliveryId, delivery] of this.open) {
      const given = delivery.doubtful;
      delivery.doubtful = delivery.sent && !live.has(delivery.nodeId);
      if (!given || !delivery.doubtful) continue;
      // The word that it was queued may have been lost with the node: the client may have had it.
      delivery.queued(DeliveryStatus.QUEUED);
      this.onReport({ deliveryId, status: DeliveryStatus.GONE });
    }
  }

  private begin(nodeId: string): { open: OpenDelivery; delivery: Delivery } {
    let [queue, settle] = [(_: DeliveryStatus) => {}, (_: DeliveryStatus) => {}];
    const queued = new Promise<DeliveryStatus>((resolve) => {
      queue = resolve;
    });
    const settled = new Promise<DeliveryStatus>((resolve) => {
      settle = resolve;
    });
    return { open: { nodeId, sent: false, doubtful: false, queued: queue, settled: settle }, delivery: { queued, settled } };
  }

  private answer(nodeId: string, deliveryId: number, status: DeliveryStatus): void {
    const report = encode(NodeMessage, { action: { $case: "report", value: { deliveryId, status } } });
    this.unfinished.run(() => this.engine.nodes.send(nodeId, report)).catch(this.report);
  }
}
