import type { InboxMessage } from "../../engine/ports/inbox.js";
import { keyText, type UserKey } from "../../engine/ports/keys.js";
import { isPassing } from "../../engine/ports/unavailable.js";
import type { Inboxes } from "./inboxes.js";

/** A message that may have to be stored: its session may end without an acknowledgement, or there is none. */
export interface StorableSend {
  /**
   * Stores it behind the earlier ones of its sender, unless it is stored already. False if the inbox takes nothing. If the engine
   * is away it rejects, and is to be called again: nobody knows whether the message is stored, and nothing overtakes it before.
   */
  store(): Promise<boolean>;
  /** It need not be stored any more. False if it is stored, or on its way to the store, all the same: `store` tells what became of it. */
  forget(): boolean;
}

class OpenSend implements StorableSend {
  private storing: Promise<boolean> | undefined;
  private begun = false;

  constructor(
    /** The epoch of the session that has it, or 0 once it has to be stored. */
    public epoch: number,
    private readonly put: () => Promise<boolean>,
    /** All of its sender and receiver that are open. */
    private readonly open: Set<OpenSend>,
    private readonly remove: () => void,
  ) {
    open.add(this);
  }

  /** What is on its way to the store may get there all the same: then it stays open, so that nothing overtakes it meanwhile. */
  forget(): boolean {
    if (!this.begun) this.remove();
    return !this.begun;
  }

  async store(): Promise<boolean> {
    this.epoch = 0;
    const all = [...this.open];
    await storeEach(all.slice(0, Math.max(0, all.indexOf(this))), this.open);
    return this.storeItself();
  }

  storeItself(): Promise<boolean> {
    this.begun = true;
    this.storing ??= this.put().then(
      (stored) => {
        this.remove();
        return stored;
      },
      (failure) => {
        if (isPassing(failure)) this.storing = undefined;
        else this.remove();
        throw failure;
      },
    );
    return this.storing;
  }
}

/**
 * The messages of this node's senders that may have to be stored yet, in the order in which each sender sent them to each
 * receiver. A message that goes another way than an earlier one would overtake it, so the earlier one is stored first.
 */
export class StorableSends {
  /** By sender, then by the receiver's id. */
  private readonly open = new Map<string, Map<string, Set<OpenSend>>>();

  constructor(private readonly inboxes: Inboxes) {}

  /** Notes a message that goes to the session with an epoch, or with 0 to none. */
  begin(receiver: UserKey, epoch: number, sender: string, message: () => Omit<InboxMessage, "sequence">): StorableSend {
    const key = keyText(receiver.appId, sender);
    const receivers: Map<string, Set<OpenSend>> = this.open.get(key) ?? new Map();
    const sends: Set<OpenSend> = receivers.get(receiver.userId) ?? new Set();
    this.open.set(key, receivers.set(receiver.userId, sends));
    const put = () => this.inboxes.store(receiver, message());
    const send: OpenSend = new OpenSend(epoch, put, sends, () => {
      sends.delete(send);
      if (sends.size === 0 && receivers.get(receiver.userId) === sends) receivers.delete(receiver.userId);
      if (receivers.size === 0 && this.open.get(key) === receivers) this.open.delete(key);
    });
    return send;
  }

  /**
   * Stores what a sender has sent to sessions of a receiver that are older than the one with an epoch. Rejects if the engine is
   * away: then nothing may follow.
   */
  async makeWay({ appId, userId }: UserKey, sender: string, epoch: number): Promise<void> {
    const sends = this.open.get(keyText(appId, sender))?.get(userId);
    if (sends === undefined) return;
    await storeEach(
      [...sends].filter((send) => send.epoch < epoch),
      sends,
    );
  }

  /** Stores what a sender has sent: its session is over, and what it sends in the next one may go over another node. */
  async onEnd({ appId, userId }: UserKey): Promise<void> {
    await storeAll(this.open.get(keyText(appId, userId)));
  }

  /** Stores everything, as far as the engine can serve: the node stops. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.open.values()].map(storeAll));
  }
}

/** Stores messages to several receivers. Rejects if the engine is away. */
async function storeAll(receivers: ReadonlyMap<string, ReadonlySet<OpenSend>> = new Map()): Promise<void> {
  await Promise.all([...receivers.values()].map((sends) => storeEach([...sends], sends)));
}

/** Stores messages in order, without those that were acknowledged meanwhile. Rejects if the engine is away. */
async function storeEach(sends: readonly OpenSend[], open: ReadonlySet<OpenSend>): Promise<void> {
  for (const send of sends) {
    // Who waits for a message hears that it could not be stored; those behind it go on, as it is never stored any more.
    const pass = (failure: unknown) => {
      if (isPassing(failure)) throw failure;
    };
    if (open.has(send)) await send.storeItself().catch(pass);
  }
}
