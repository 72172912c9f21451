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

interface OpenSend {
  /** The epoch of the session that has it. */
  readonly epoch: number;
  store(): Promise<boolean>;
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
    this.open.set(pair, sends);
    const forget = () => {
      sends.delete(send);
      if (sends.size === 0 && this.open.get(pair) === sends) this.open.delete(pair);
    };
    let storing: Promise<boolean> | undefined;
    const tryToStore = async () => {
      try {
        return await this.inboxes.store(receiver, message());
      } catch (failure) {
        storing = undefined;
        throw failure;
      }
    };
    const send: OpenSend = {
      epoch,
      store() {
        storing ??= tryToStore();
        return storing;
      },
    };
    sends.add(send);
    return {
      forget,
      async store() {
        try {
          await storeAll(earlierThan(send, sends));
          return await send.store();
        } finally {
          forget();
        }
      },
    };
  }

  /** Stores what a sender has sent to sessions of a receiver that are older than the one with an epoch. */
  async makeWay(receiver: UserKey, sender: string, epoch: number): Promise<void> {
    const sends = this.open.get(pairText(receiver, sender)) ?? [];
    await storeAll([...sends].filter((send) => send.epoch < epoch));
  }

  /** Stores everything: the node stops. */
  async close(): Promise<void> {
    await Promise.all([...this.open.values()].map((sends) => storeAll([...sends])));
  }
}

function earlierThan(send: OpenSend, sends: ReadonlySet<OpenSend>): OpenSend[] {
  const all = [...sends];
  return all.slice(0, Math.max(0, all.indexOf(send)));
}

async function storeAll(sends: readonly OpenSend[]): Promise<void> {
  // Who waits for a message hears that it could not be stored; those behind it go on.
  for (const send of sends) await send.store().catch(() => undefined);
}

function pairText({ appId, userId }: UserKey, sender: string): string {
  return keyText(keyText(appId, sender), userId);
}
