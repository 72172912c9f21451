import { setTimeout as sleep } from "node:timers/promises";
import { SendConfirmation } from "../../gen/aldis/v1/message.js";
import { AldisError } from "../../src/client/error.js";
import type { IncomingInvitation } from "../../src/client/invitation/incoming-invitation.js";
import { type Journal, userOf } from "../simulation/journal.js";
import { NotedClient } from "../simulation/noted-client.js";
import type { Random } from "../simulation/random.js";
import { clientOf } from "../support/server-process.js";

/** How a client finds out about trouble: sooner than by default, as the nodes of these tests do. */
const impatience = { loginTimeoutMs: 3000, callTimeoutMs: 8000 };
const connectTimeoutMs = 1500;

/** How long an invitation may wait for anything, in milliseconds: it has to end within a round. */
const waits = { offlineTimeoutMs: 3000, receiveTimeoutMs: 3000, answerTimeoutMs: 3000 };

export interface UserParts {
  /** The user and the number of its device, such as "ann.1". */
  readonly name: string;
  /** The nodes, of which the first is where it begins. */
  readonly addresses: readonly string[];
  readonly channel: string;
  readonly journal: Journal;
  readonly random: Random;
}

/** An application with its client, which keeps the nodes busy. */
export class User extends NotedClient {
  private readonly random: Random;
  private readonly channel: string;
  /** What is to be done about invitations, now or later. */
  private readonly chores = new Set<Promise<void>>();

  constructor({ name, addresses, channel, journal, random }: UserParts) {
    const route = { address: addresses, firstAddress: 0, connectTimeoutMs };
    super({ name, app: clientOf(route, userOf(name), impatience), journal, channels: [channel] });
    this.random = random;
    this.channel = channel;
    this.app.on("invitation", (invitation) => this.chore(this.answer(invitation)));
  }

  async join(): Promise<void> {
    this.willJoin(this.channel, false);
    await this.ask({ operation: "join", channel: this.channel }, async () => {
      const { position } = await this.app.channel(this.channel).join();
      return { position };
    });
  }

  /** Sends to the channel again and again until `isOver`. */
  async talk(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const message = this.newMessage();
      await this.ask({ operation: "sendToChannel", channel: this.channel, message }, async () => {
        const { position } = await this.app.channel(this.channel).send(message);
        return { position };
      });
      await sleep(this.random.between(5, 40));
    }
  }

  /** Sends to others again and again until `isOver`. */
  async write(others: readonly string[], isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const [message, to] = [this.newMessage(), this.random.pick(others)];
      const confirmation = this.random.pick([SendConfirmation.DELIVERED, SendConfirmation.ACCEPTED]);
      const storeIfAway = this.random.chance(0.7);
      await this.ask({ operation: "sendToPeer", to, message, storeIfAway }, async () => {
        const { outcome } = await this.app.sendToPeer(to, message, { confirmation, storeIfAway });
        return { outcome };
      });
      await sleep(this.random.between(5, 60));
    }
  }

  /** Calls others again and again until `isOver`, takes some calls back, and hangs up what was accepted. */
  async call(others: readonly string[], isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const invitation = this.app.invitations.invite(this.random.pick(others), waits);
      this.noteNews(invitation);
      invitation.on("accepted", () => this.chore(this.try(() => invitation.end())));
      await this.ask({ operation: "invitation", about: invitation.id }, async () => {
        await invitation.send();
        this.noteSent(invitation.id);
        return {};
      });
      if (this.random.chance(0.3)) this.chore(this.try(() => invitation.cancel(), this.random.between(0, 500)));
      await sleep(this.random.between(50, 300));
    }
  }

  /** Waits for whatever is still to be done. */
  async settle(): Promise<void> {
    while (this.chores.size > 0) await Promise.all(this.chores);
  }

  private answer(invitation: IncomingInvitation): Promise<void> {
    const afterMs = this.random.between(0, 400);
    if (this.random.chance(0.5)) return this.try(() => invitation.accept(), afterMs);
    if (this.random.chance(0.7)) return this.try(() => invitation.refuse(), afterMs);
    return Promise.resolve();
  }

  /** Others may have been quicker, and the way may be broken: how it ends is told by the invitation. */
  private async try(action: () => Promise<void>, afterMs = 0): Promise<void> {
    await sleep(afterMs);
    await action().catch((thrown: unknown) => {
      if (!(thrown instanceof AldisError)) throw thrown;
    });
  }

  private chore(work: Promise<void>): void {
    this.chores.add(work);
    void work.finally(() => this.chores.delete(work));
  }
}
