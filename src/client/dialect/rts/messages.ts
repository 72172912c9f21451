import type { CallbackQueue } from "../shared/callback-queue.js";
import type { RTSDelegate } from "./delegate.js";
import { UserMessageSendResult } from "./enums/results.js";
import { isId } from "./ids.js";
import { sendAndTell } from "./sending.js";
import type { Session } from "./session.js";

export interface MessagesOptions {
  readonly queue: CallbackQueue;
  readonly delegate: RTSDelegate;
  /** The login, if there is one. */
  readonly session: () => Session | undefined;
}

/** Messages to users and to the application server, which share one sequence of ids, and messages from users. */
export class Messages {
  readonly #options: MessagesOptions;
  #lastId = 0;

  constructor(options: MessagesOptions) {
    this.#options = options;
  }

  /** Tells what users send in a session. */
  listen(session: Session): void {
    const { queue, delegate } = this.#options;
    session.client.on("peerMessage", ({ sender, payload }) =>
      queue.tell(() => {
        if (session.loggedOut) return;
        if (payload.text === undefined) delegate.onBinaryMessageReceived?.(sender, payload.binary);
        else delegate.onMessageReceived?.(sender, payload.text);
      }),
    );
  }

  /** Sends to a user. Returns the id of the message, or -2 without a user id. */
  sendToUser(userId: string, message: string | Uint8Array): number {
    if (userId === "") return -2;
    const { queue, delegate, session } = this.#options;
    const id = this.#nextId();
    sendAndTell(queue, {
      table: "RTS_USER_MESSAGE",
      session: session(),
      problem: isId(userId) ? undefined : UserMessageSendResult.EmptyUser,
      send: ({ client }, onSettled) => client.sendToPeer(userId, message, { storeIfAway: false, onSettled }),
      onResult: (result) => delegate.onMessageSendResult?.(id, result as UserMessageSendResult),
    });
    return id;
  }

  /** Sends to the application server. Returns the id of the message. */
  sendToServer(message: string | Uint8Array): number {
    const { queue, delegate, session } = this.#options;
    const id = this.#nextId();
    sendAndTell(queue, {
      table: "RTS_USER_MESSAGE",
      session: session(),
      send: ({ client }, onSettled) => client.appServer.send(message, { onSettled }),
      onResult: (result, reply) => {
        const text = new TextDecoder().decode(reply);
        delegate.onServerMessageSendResult?.(id, result as UserMessageSendResult, text);
      },
    });
    return id;
  }

  #nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }
}
