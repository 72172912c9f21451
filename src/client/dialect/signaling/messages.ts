import { SendConfirmation } from "../../../../gen/aldis/v1/message.js";
import type { AldisClient } from "../../client.js";
import type { CallOptions } from "../../options.js";
import type { Runtime } from "../../runtime.js";
import { codeOf } from "../shared/codes.js";
import { checkAccount, checkMessage } from "./checks.js";
import type { Teller } from "./teller.js";

/** How long a message waits for a user who is away, in milliseconds: a day. */
const STORE_FOR_MS = 86_400_000;

/** Messages to users and to channels, and from users. */
export class Messages {
  readonly #client: AldisClient;
  readonly #teller: Teller;
  readonly #runtime: Runtime;

  constructor(client: AldisClient, teller: Teller, runtime: Runtime) {
    this.#client = client;
    this.#teller = teller;
    this.#runtime = runtime;
    client.on("peerMessage", ({ sender, payload: { text } }) => {
      if (text === undefined) teller.log(`A message of bytes from "${sender}" was left out: this interface has texts only.`);
      else teller.tell(["onMessageInstantReceive", sender, 0, text]);
    });
  }

  /** Sends to a user, who gets it within a day. */
  sendToUser(account: string, msg: string, msgID: string): void {
    const { ACCEPTED: confirmation } = SendConfirmation;
    this.#send(msg, msgID, (options) => {
      checkAccount(account);
      return this.#client.sendToPeer(account, msg, { ...options, confirmation, storeIfAway: true, storeForMs: STORE_FOR_MS });
    });
  }

  /** Sends to a channel. `fromOutside` is true for a sender who need not be in it. */
  sendToChannel(channelID: string, msg: string, msgID: string, fromOutside: boolean): void {
    this.#send(msg, msgID, (options) => this.#client.channel(channelID).send(msg, { ...options, fromOutside }));
  }

  /** The id is the application's and not unique, so it is no id of the protocol. */
  #send(msg: string, msgID: string, call: (options: CallOptions) => Promise<unknown>): void {
    const messageID = msgID === "" ? this.#runtime.randomId() : msgID;
    void this.#teller.follow(
      (options) => {
        checkMessage(msg);
        return call(options);
      },
      {
        done: () => [["onMessageSendSuccess", messageID]],
        failed: (thrown) => [["onMessageSendError", messageID, codeOf("SIGNALING_SEND", thrown)]],
      },
    );
  }
}
