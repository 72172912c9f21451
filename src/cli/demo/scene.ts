import type { Channel } from "../../client/channel/channel.js";
import type { ChannelEvents } from "../../client/channel/events.js";
import type { AldisClient } from "../../client/client.js";
import type { ClientEvents } from "../../client/events.js";
import { createClient } from "../../client/index.js";
import type { IncomingInvitation } from "../../client/invitation/incoming-invitation.js";
import type { OutgoingInvitation } from "../../client/invitation/outgoing-invitation.js";
import type { UserInvitation } from "../../client/invitation/user-invitation.js";
import type { Transport } from "../../client/transport/transport.js";
import type { Runtime } from "../../server/runtime.js";
import { CuttableTransport } from "./cuttable-transport.js";
import { Mailbox } from "./mailbox.js";

/** The server on which the story plays. */
export interface Stage {
  /** What it is, for people: "an embedded server in this process". */
  readonly description: string;
  readonly appId: string;
  openTransport(): Transport;
  issueToken(userId: string): Promise<string>;
  /** Ends the server at once, and starts it again with what it has stored. Undefined if it is not ours. */
  readonly restart?: () => Promise<void>;
}

/** One of the users, with what has come for it. */
export interface Actor {
  readonly userId: string;
  readonly client: AldisClient;
  readonly channel: Channel;
  readonly transport: CuttableTransport;
  readonly peerMessages: Mailbox<ClientEvents["peerMessage"]>;
  readonly receipts: Mailbox<ClientEvents["receipt"]>;
  readonly states: Mailbox<ClientEvents["stateChanged"]>;
  readonly sessions: Mailbox<ClientEvents["sessionStarted"]>;
  readonly channelMessages: Mailbox<ChannelEvents["message"]>;
  readonly departures: Mailbox<ChannelEvents["memberLeft"]>;
  readonly attributeChanges: Mailbox<ChannelEvents["attributesChanged"]>;
  readonly rings: Mailbox<IncomingInvitation>;
  /** The names of the events of calls, and "rings". Those of one's own calls come once they are followed. */
  readonly callNews: Mailbox<string>;
  follow(invitation: OutgoingInvitation): void;
}

/** The users and the channel of one run. Their names end in the same random letters, so that runs do not meet. */
export class Scene {
  readonly alice: Actor;
  readonly bob: Actor;
  /** A user who never comes. */
  readonly carol: string;
  readonly channelId: string;
  /** Restarts the server, where the story may. */
  readonly restart: Stage["restart"];
  readonly #stage: Stage;
  readonly #runtime: Runtime;

  constructor(stage: Stage, runtime: Runtime) {
    this.#stage = stage;
    this.restart = stage.restart;
    this.#runtime = runtime;
    const suffix = Buffer.from(runtime.randomBytes(4)).toString("hex");
    this.channelId = `lobby-${suffix}`;
    this.alice = this.#actor(`alice-${suffix}`);
    this.bob = this.#actor(`bob-${suffix}`);
    this.carol = `carol-${suffix}`;
  }

  /** Logs everybody out who is still there. */
  async close(): Promise<void> {
    await Promise.all([this.alice.client.close(), this.bob.client.close()]);
  }

  #actor(userId: string): Actor {
    const { appId } = this.#stage;
    const { clock } = this.#runtime;
    const transport = new CuttableTransport(this.#stage.openTransport());
    const client = createClient({ appId, userId, token: () => this.#stage.issueToken(userId), transport });
    const channel = client.channel(this.channelId);
    const actor: Actor = {
      userId,
      client,
      channel,
      transport,
      peerMessages: new Mailbox(clock),
      receipts: new Mailbox(clock),
      states: new Mailbox(clock),
      sessions: new Mailbox(clock),
      channelMessages: new Mailbox(clock),
      departures: new Mailbox(clock),
      attributeChanges: new Mailbox(clock),
      rings: new Mailbox(clock),
      callNews: new Mailbox(clock),
      follow: (invitation) => followCall(invitation, actor.callNews),
    };
    client.on("peerMessage", (event) => actor.peerMessages.put(event));
    client.on("receipt", (event) => actor.receipts.put(event));
    client.on("stateChanged", (event) => actor.states.put(event));
    client.on("sessionStarted", (event) => actor.sessions.put(event));
    channel.on("message", (event) => actor.channelMessages.put(event));
    channel.on("memberLeft", (event) => actor.departures.put(event));
    channel.on("attributesChanged", (event) => actor.attributeChanges.put(event));
    client.on("invitation", (invitation) => {
      actor.callNews.put("rings");
      followCall(invitation, actor.callNews);
      actor.rings.put(invitation);
    });
    return actor;
  }
}

function followCall<State>(invitation: UserInvitation<State>, news: Mailbox<string>): void {
  for (const name of ["received", "accepted", "cancelled", "failed", "ended"] as const)
    invitation.on(name, () => news.put(name));
}
