import { MembershipState } from "../../gen/aldis/v1/channel.js";
import { ConnectionState } from "../../gen/aldis/v1/connection.js";
import type { Presence } from "../../gen/aldis/v1/presence.js";
import type { Channel } from "../../src/client/channel/channel.js";
import { AldisClient } from "../../src/client/client.js";
import type { IncomingInvitation } from "../../src/client/invitation/incoming-invitation.js";
import type { Clock } from "../../src/client/runtime.js";
import { testApp, testToken } from "../support/test-node.js";
import { AttributeViews } from "./attribute-views.js";
import { isOver } from "./checkers/checker.js";
import { type Journal, userOf } from "./journal.js";
import type { Network } from "./network.js";
import { NotedClient } from "./noted-client.js";
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
export class SimulatedClient extends NotedClient {
  readonly random: Random;
  /** What the application knows of attributes. */
  readonly attributes: AttributeViews;
  /** What the application knows of the users that it has subscribed to. */
  readonly presences = new Map<string, Presence>();
  /** Users of whom the application does not want to know any more, whatever the server says. */
  readonly unwanted = new Set<string>();
  readonly #parts: ClientParts;

  constructor(parts: ClientParts) {
    const { name, scope, network, tokenMs, journal, channels } = parts;
    const app = new AldisClient({
      appId: testApp,
      userId: userOf(name),
      token: () => testToken(userOf(name), tokenMs === 0 ? 0 : scope.clock.now() + tokenMs),
      transport: network.transport(name),
      runtime: scope,
      callTimeoutMs,
      attributesEndWithSession: parts.attributesEndWithSession,
    });
    super({ name, app, journal, channels });
    this.#parts = parts;
    this.random = parts.random;
    this.attributes = new AttributeViews(this);
    this.#listen();
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

  /** The ids of the channels that are joined. */
  get joinedChannels(): string[] {
    return this.channels.filter((id) => this.app.channel(id).state === MembershipState.JOINED);
  }

  #channelIn(wanted: MembershipState): Channel | undefined {
    const found = this.#parts.channels.map((id) => this.app.channel(id)).filter(({ state }) => state === wanted);
    return found.length === 0 ? undefined : this.random.pick(found);
  }

  #listen(): void {
    this.app.on("stateChanged", ({ state }) => {
      if (isOver(state)) this.presences.clear();
    });
    this.app.on("presence", (presence) => this.learnPresence(presence));
    this.app.on("invitation", (invitation) => this.#parts.answerInvitation(this, invitation, this.#parts.scope.clock));
  }
}
