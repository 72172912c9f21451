import { type Runtime, randomId } from "../../../runtime.js";
import type { Bus, Subscription } from "../../ports/bus.js";
import { bytesTopic } from "../../ports/topic.js";
import { nodeTag } from "../keys.js";
import { bytesOf, listOf, numberOf } from "../reply.js";
import type { Runner } from "../runner.js";
import { openBox, readMail, takeMail } from "../scripts/mail.js";
import { decodeBatch } from "./batch.js";
import type { Waiting } from "./waiting.js";

/** The batches read in one round trip. */
const page = 50;

export interface MailParts {
  readonly runner: Runner;
  readonly runtime: Runtime;
  readonly bus: Bus;
}

/**
 * The mail of a node that lives here. A batch is heard when it is published if it follows the last one; else, or when messages
 * may have been missed, what is behind the last one is read.
 */
export class Mailbox {
  readonly #stay: string;
  /** The place of the last batch that was heard. */
  #last = 0;
  /** What was heard in this stay. */
  #messages = 0;
  #bytes = 0;
  #waiting: Waiting = { messages: 0, bytes: 0 };
  #subscription: Subscription | undefined;
  #reading = false;
  #readAgain = false;
  #isOpen = true;

  private constructor(
    private readonly runner: Runner,
    private readonly nodeId: string,
    private readonly listener: (message: Uint8Array) => void,
    runtime: Runtime,
  ) {
    this.#stay = randomId(runtime, 96);
  }

  static async open(
    { runner, runtime, bus }: MailParts,
    nodeId: string,
    listener: (message: Uint8Array) => void,
  ): Promise<Mailbox> {
    const mailbox = new Mailbox(runner, nodeId, listener, runtime);
    const hear = (publication: Uint8Array) => mailbox.#hear(publication);
    mailbox.#subscription = await bus.subscribe(bytesTopic(nodeTag(nodeId)), hear, () => mailbox.#read());
    try {
      mailbox.#last = numberOf(await runner.run(openBox, nodeTag(nodeId), { stay: mailbox.#stay }));
    } catch (failure) {
      await mailbox.end();
      throw failure;
    }
    // What was published meanwhile could not be told from what others hear.
    mailbox.#read();
    return mailbox;
  }

  /** What waited in Redis at the last take, heard or not. */
  get waiting(): Waiting {
    return this.#waiting;
  }

  /** Forgets in Redis what was heard, and finds what was missed all the same. False if the node has no box there any more. */
  async take(): Promise<boolean> {
    const args = { stay: this.#stay, place: this.#last, messages: this.#messages, bytes: this.#bytes };
    const taken = listOf(await this.runner.run(takeMail, nodeTag(this.nodeId), args));
    if (taken.length === 0) return false;
    const [last, messages, bytes] = [numberOf(taken[0]), numberOf(taken[1]), numberOf(taken[2])];
    this.#waiting = { messages, bytes };
    if (last > this.#last) this.#read();
    return true;
  }

  /** Hears nothing more. */
  async end(): Promise<void> {
    this.#isOpen = false;
    await this.#subscription?.end();
  }

  /** "stay before place batch": the batch is heard if it is one of this stay that follows the last. */
  #hear(publication: Uint8Array): void {
    const bytes = Buffer.from(publication.buffer, publication.byteOffset, publication.byteLength);
    const first = bytes.indexOf(" ");
    const second = bytes.indexOf(" ", first + 1);
    const third = bytes.indexOf(" ", second + 1);
    if (bytes.toString("latin1", 0, first) !== this.#stay || this.#last === 0) return;
    const before = Number(bytes.toString("latin1", first + 1, second));
    const place = Number(bytes.toString("latin1", second + 1, third));
    if (before === this.#last) this.#deliver(place, bytes.subarray(third + 1));
    else if (place > this.#last) this.#read();
  }

  /** Reads what is behind the last batch. What comes while it does is read too. */
  #read(): void {
    if (this.#reading) this.#readAgain = true;
    else void this.#readAll();
  }

  async #readAll(): Promise<void> {
    this.#reading = true;
    try {
      do {
        this.#readAgain = false;
        const entries = listOf(await this.runner.run(readMail, nodeTag(this.nodeId), { place: this.#last, limit: page }));
        for (let index = 0; index < entries.length; index += 2) {
          const place = numberOf(entries[index]);
          if (place > this.#last) this.#deliver(place, bytesOf(entries[index + 1]));
        }
        if (entries.length === 2 * page) this.#readAgain = true;
      } while (this.#readAgain && this.#isOpen);
    } catch {
      // Redis is away. The next renewal finds what is missing.
    }
    this.#reading = false;
  }

  #deliver(place: number, batch: Uint8Array): void {
    const messages = decodeBatch(batch);
    this.#last = place;
    this.#messages += messages.length;
    this.#bytes += batch.length;
    for (const message of messages) {
      if (!this.#isOpen) return;
      try {
        this.listener(message);
      } catch (error) {
        // The others must be heard all the same, and the fault must not go unseen.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
