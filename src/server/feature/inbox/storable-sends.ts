import type { InboxMessage } from "../../engine/ports/inbox.js";
import { keyText, type UserKey } from "../../engine/ports/keys.js";
import type { Inboxes } from "./inboxes.js";

/** A message on its way to a session, which is to be stored if that session ends without an acknowledgement. */
export interface StorableSend {
  /** Stores it behind the earlier ones of its sender, unless it is stored already. False if the inbox takes nothing. */
  store(): Promise<boolean>;
  /** It need not be stored any more. */
  forget(): void;
}

class OpenSend {
  private storing: Promise<boolean> | undefined;

  constructor(
    /** The epoch of the session that has it. */
    readonly epoch: number,
    private readonly put: () => Promise<boolean>,
  ) {}

  /** Stores it, unless that has been done. After a failure it may be tried again. */
  store(): Promise<boolean> {
    this.storing ??= this.put().catch((failure) => {
      this.storing = undefined;
      throw failure;
    });
    return this.storing;
  }
}

/**
 * The messages of this node's senders that may have to be stored yet, in the order in which each sender sent them to each
 * receiver. A message that goes another way than an earlier one would overtake it, so the earlier one is stored first.
 */
export class StorableSends {
  private readonly open = new Map<string, Set<OpenSend>>();

  constructor(private readonly inboxes: Inboxes) {}

  /** Notes a message that goes to the session with an epoch. */
  begin(receiver: UserKey, epoch: number, sender: string, message: () => Omit<InboxMessage, "sequence">): StorableSend {
    const pair = pairText(receiver, sender);
    const sends: Set<OpenSend> = this.open.get(pair) ?? new Set();
    const send = new OpenSend(epoch, () => this.inboxes.store(receiver, message()));
    this.open.set(pair, sends.add(send));
    const forget = () => {
      sends.delete(send);
      if (sends.size === 0 && this.open.get(pair) === sends) this.open.delete(pair);
    };
    return {
      forget,
      async store() {
        const all = [...sends];
        await storeEach(all.slice(0, all.indexOf(send)), sends);
        return send.store().finally(forget);
      },
    };
  }

  /** Stores what a sender has sent to sessions of a receiver that are older than the one with an epoch. */
  async makeWay(receiver: UserKey, sender: string, epoch: number): Promise<void> {
    const sends = this.open.get(pairText(receiver, sender));
    if (sends === undefined) return;
    await storeEach(
      [...sends].filter((send) => send.epoch < epoch),
      sends,
    );
  }

  /** Stores everything: the node stops. */
  async close(): Promise<void> {
    await Promise.all([...this.open.values()].map((sends) => storeEach([...sends], sends)));
  }
}

/** Stores messages in order, without those that were acknowledged meanwhile. */
async function storeEach(sends: readonly OpenSend[], open: ReadonlySet<OpenSend>): Promise<void> {
  for (const send of sends) {
    // Who waits for a message hears that it could not be stored; those behind it go on.
    if (open.has(send)) await send.store().catch(() => undefined);
  }
}

function pairText({ appId, userId }: UserKey, sender: string): string {
  return keyText(keyText(appId, sender), userId);
}
