import type { Channel } from "../../src/client/channel/channel.js";
import type { AldisClient } from "../../src/client/client.js";
import { AldisError } from "../../src/client/error.js";
import type { AnyInvitation } from "../../src/client/invitation/switchboard.js";
import type { LoginOptions } from "../../src/client/options.js";
import type { ReceivedPayload } from "../../src/client/payload.js";
import { type Answer, type InvitationTold, type Journal, type Question, userOf } from "./journal.js";

export interface NotedClientParts {
  /** The user and the number of its device, such as "ann.1". */
  readonly name: string;
  readonly app: AldisClient;
  readonly journal: Journal;
  readonly channels: readonly string[];
}

/** The time that a client waits for an answer, in milliseconds. */
const callTimeoutMs = 12_000;

/** A client of which all that it asks, is answered and hears goes into a journal. */
export class NotedClient {
  readonly app: AldisClient;
  readonly name: string;
  /** The ids of the channels that it may join. */
  readonly channels: readonly string[];
  readonly #journal: Journal;
  readonly #receivesOwn = new Map<string, boolean>();
  #calls = 0;
  #messages = 0;

  constructor({ name, app, journal, channels }: NotedClientParts) {
    this.name = name;
    this.app = app;
    this.channels = channels;
    this.#journal = journal;
    this.#listen();
    for (const channel of channels) this.#listenTo(app.channel(channel));
  }

  get user(): string {
    return userOf(this.name);
  }

  /** Notes how the channel is joined next. */
  willJoin(channel: string, receivesOwn: boolean): void {
    this.#receivesOwn.set(channel, receivesOwn);
  }

  /** A text that is in no other message. */
  newMessage(): string {
    this.#messages += 1;
    return `${this.name}-${this.#messages}`;
  }

  /** Asks, and notes the question and its one answer. Resolves with the answer, or with nothing if there was an error. */
  async ask(question: Question, run: () => Promise<Answer>, timeoutMs = callTimeoutMs): Promise<Answer | undefined> {
    this.#calls += 1;
    const call = this.#calls;
    this.#journal.note(this.name, { kind: "asked", call, question, timeoutMs });
    try {
      const answer = await run();
      this.#journal.note(this.name, { kind: "answered", call, question, answer });
      return answer;
    } catch (thrown) {
      if (!(thrown instanceof AldisError)) throw thrown;
      this.#journal.note(this.name, { kind: "failed", call, question, code: thrown.code, name: thrown.codeName });
      return undefined;
    }
  }

  /** Logs in, and notes what comes of it. */
  async logIn(options: LoginOptions = {}): Promise<void> {
    await this.ask({ operation: "login" }, async () => {
      await this.app.login(options);
      return {};
    });
  }

  /** Logs out, and notes that it has. */
  async logOut(): Promise<void> {
    await this.ask({ operation: "logout" }, async () => {
      await this.app.logout();
      return {};
    });
  }

  /** Notes what an invitation tells. */
  noteNews(invitation: AnyInvitation): void {
    const note = (told: InvitationTold, reason = 0): void =>
      this.#journal.note(this.name, { kind: "invitation", id: invitation.id, told, reason });
    for (const told of ["received", "accepted", "refused", "cancelled"] as const) invitation.on(told, () => note(told));
    for (const told of ["failed", "ended"] as const) invitation.on(told, ({ reason }) => note(told, reason));
  }

  /** Notes that the server has an invitation. */
  noteSent(id: string): void {
    this.#journal.note(this.name, { kind: "invitation", id, told: "sent", reason: 0 });
  }

  #listen(): void {
    const [name, journal] = [this.name, this.#journal];
    this.app.on("stateChanged", ({ state, reason }) => journal.note(name, { kind: "state", state, reason }));
    this.app.on("sessionStarted", ({ start }) => journal.note(name, { kind: "session", start }));
    this.app.on("peerMessage", ({ sender, payload }) =>
      journal.note(name, { kind: "peerMessage", sender, message: messageIn(payload) }),
    );
    this.app.on("invitation", (invitation) => {
      journal.note(name, { kind: "invitation", id: invitation.id, told: "rings", reason: 0 });
      this.noteNews(invitation);
    });
  }

  #listenTo(channel: Channel): void {
    const [name, journal] = [this.name, this.#journal];
    const { id } = channel;
    channel.on("message", ({ payload, sender, offset }) => {
      const epoch = channel.position?.epoch ?? "";
      journal.note(name, { kind: "channelMessage", channel: id, sender, message: messageIn(payload), epoch, offset });
    });
    channel.on("gap", ({ firstOffset, lastOffset }) =>
      journal.note(name, { kind: "gap", channel: id, first: firstOffset, last: lastOffset, position: channel.position }),
    );
    channel.on("rejoined", ({ recovery, recoveredMessages }) =>
      journal.note(name, { kind: "rejoined", channel: id, recovery, recovered: recoveredMessages }),
    );
    channel.on("stateChanged", ({ state }) => {
      const receivesOwn = this.#receivesOwn.get(id) ?? false;
      journal.note(name, { kind: "membership", channel: id, state, position: channel.position, receivesOwn });
    });
    channel.on("memberJoined", ({ userId }) => journal.note(name, { kind: "memberJoined", channel: id, user: userId }));
    channel.on("memberLeft", ({ userId, reason }) =>
      journal.note(name, { kind: "memberLeft", channel: id, user: userId, reason }),
    );
    channel.on("membersChanged", () => journal.note(name, { kind: "membersChanged", channel: id }));
    channel.on("left", ({ reason }) => journal.note(name, { kind: "left", channel: id, reason }));
  }
}

/** The name of a message: the first word of its text. */
export function messageIn(payload: ReceivedPayload): string {
  return payload.text?.split(" ")[0] ?? payload.description;
}
