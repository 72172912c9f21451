import { MembershipState } from "../../gen/aldis/v1/channel.js";
import { ConnectionState } from "../../gen/aldis/v1/connection.js";
import type { Presence } from "../../gen/aldis/v1/presence.js";
import type { Channel } from "../../src/client/channel/channel.js";
import { AldisClient } from "../../src/client/client.js";
import { AldisError } from "../../src/client/error.js";
import type { IncomingInvitation } from "../../src/client/invitation/incoming-invitation.js";
import type { AnyInvitation } from "../../src/client/invitation/switchboard.js";
import type { ReceivedPayload } from "../../src/client/payload.js";
import type { Clock } from "../../src/client/runtime.js";
import { testApp, testToken } from "../support/test-node.js";
import { AttributeViews } from "./attribute-views.js";
import { isOver } from "./checkers/checker.js";
import { type Answer, type InvitationTold, type Journal, type Question, userOf } from "./journal.js";
import type { Network } from "./network.js";
import type { Random } from "./random.js";
import type { Scope } from "./scope.js";

export interface ClientParts {
  /** The user and the number of its device, such as "ann.1". */
  readonly name: string;
  readonly scope: Scope;
  readonly random: Random;
  readonly network: Network;
  readonly journal: Journal;
  readonly channels: readonly string[];
  readonly tokenMs: number;
  readonly attributesEndWithSession: boolean;
  /** Plans something, also when the run is quiet. */
  readonly later: (ms: number, task: () => void) => void;
  /** What the application does when somebody calls. */
  readonly answerInvitation: (client: SimulatedClient, invitation: IncomingInvitation, clock: Clock) => void;
}

/** The time that a client waits for an answer, in milliseconds. */
const callTimeoutMs = 12_000;

/** An application with its client. All that it asks, is answered and hears goes into the journal. */
export class SimulatedClient {
  readonly app: AldisClient;
  readonly random: Random;
  /** What the application knows of attributes. */
  readonly attributes: AttributeViews;
  /** What the application knows of the users that it has subscribed to. */
  readonly presences = new Map<string, Presence>();
  /** Users of whom the application does not want to know any more, whatever the server says. */
  readonly unwanted = new Set<string>();
  readonly #parts: ClientParts;
  readonly #receivesOwn = new Map<string, boolean>();
  #calls = 0;
  #messages = 0;

  constructor(parts: ClientParts) {
    const { name, scope, network, tokenMs } = parts;
    this.#parts = parts;
    this.random = parts.random;
    this.app = new AldisClient({
      appId: testApp,
      userId: userOf(name),
      token: () => testToken(userOf(name), tokenMs === 0 ? 0 : scope.clock.now() + tokenMs),
      transport: network.transport(name),
      runtime: scope,
      callTimeoutMs,
      attributesEndWithSession: parts.attributesEndWithSession,
    });
    this.attributes = new AttributeViews(this);
    this.#listen();
    for (const channel of parts.channels) this.#listenTo(this.app.channel(channel));
  }

  get name(): string {
    return this.#parts.name;
  }

  get user(): string {
    return userOf(this.name);
  }

  get plannedTasks(): number {
    return this.#parts.scope.plannedTasks;
  }

  get isConnected(): boolean {
    return this.app.state === ConnectionState.CONNECTED;
  }

  /** True if the attributes of the user end with its session. */
  get endsAttributes(): boolean {
    return this.#parts.attributesEndWithSession;
  }

  /** Takes a presence, unless a newer one came first. */
  learnPresence(presence: Presence): void {
    if (this.unwanted.has(presence.userId)) return;
    const known = this.presences.get(presence.userId);
    if (known === undefined || known.version <= presence.version) this.presences.set(presence.userId, presence);
  }

  /** Plans something that the application does, whatever its client does. */
  later(ms: number, task: () => void): void {
    this.#parts.later(ms, task);
  }

  /** The ids of the channels of the run. */
  get channels(): readonly string[] {
    return this.#parts.channels;
  }

  /** A channel of the run, joined or not. */
  anyChannel(): Channel {
    return this.app.channel(this.random.pick(this.#parts.channels));
  }

  /** A channel that is joined, if there is one. */
  joinedChannel(): Channel | undefined {
    return this.#channelIn(MembershipState.JOINED);
  }

  /** A channel that is not joined, if there is one. */
  unjoinedChannel(): Channel | undefined {
    return this.#channelIn(MembershipState.NOT_JOINED);
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

  /** Asks, and notes the question and its one answer. */
  async ask(question: Question, run: () => Promise<Answer>, timeoutMs = callTimeoutMs): Promise<void> {
    const { name, journal } = this.#parts;
    this.#calls += 1;
    const call = this.#calls;
    journal.note(name, { kind: "asked", call, question, timeoutMs });
    try {
      const answer = await run();
      journal.note(name, { kind: "answered", call, question, answer });
    } catch (thrown) {
      if (!(thrown instanceof AldisError)) throw thrown;
      journal.note(name, { kind: "failed", call, question, code: thrown.code, name: thrown.codeName });
    }
  }

  /** Logs in, and notes what comes of it. */
  logIn(): Promise<void> {
    return this.ask({ operation: "login" }, async () => {
      await this.app.login();
      return {};
    });
  }

  /** Notes what an invitation tells. */
  noteNews(invitation: AnyInvitation): void {
    const { name, journal } = this.#parts;
    const note = (told: InvitationTold, reason = 0): void =>
      journal.note(name, { kind: "invitation", id: invitation.id, told, reason });
    for (const told of ["received", "accepted", "refused", "cancelled"] as const) invitation.on(told, () => note(told));
    for (const told of ["failed", "ended"] as const) invitation.on(told, ({ reason }) => note(told, reason));
  }

  /** Notes that the server has an invitation. */
  noteSent(id: string): void {
    this.#parts.journal.note(this.name, { kind: "invitation", id, told: "sent", reason: 0 });
  }

  #channelIn(wanted: MembershipState): Channel | undefined {
    const found = this.#parts.channels.map((id) => this.app.channel(id)).filter(({ state }) => state === wanted);
    return found.length === 0 ? undefined : this.random.pick(found);
  }

  #listen(): void {
    const { name, journal } = this.#parts;
    this.app.on("stateChanged", ({ state, reason }) => {
      journal.note(name, { kind: "state", state, reason });
      if (isOver(state)) this.presences.clear();
    });
    this.app.on("presence", (presence) => this.learnPresence(presence));
    this.app.on("sessionStarted", ({ start }) => journal.note(name, { kind: "session", start }));
    this.app.on("peerMessage", ({ sender, payload }) =>
      journal.note(name, { kind: "peerMessage", sender, message: messageIn(payload) }),
    );
    this.app.on("invitation", (invitation) => {
      journal.note(name, { kind: "invitation", id: invitation.id, told: "rings", reason: 0 });
      this.noteNews(invitation);
      this.#parts.answerInvitation(this, invitation, this.#parts.scope.clock);
    });
  }

  #listenTo(channel: Channel): void {
    const { name, journal } = this.#parts;
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
