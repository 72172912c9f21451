import { NodeMessage, type UserEvent } from "../../../gen/aldis/node/v1/node.js";
import { InvitationState } from "../../../gen/aldis/v1/invitation.js";
import { Event } from "../../../gen/aldis/v1/stream.js";
import { encode } from "../encode.js";
import type { Engine } from "../engine/engine.js";
import type { UserKey } from "../engine/ports/keys.js";
import { eventEntry, type Traffic } from "../event-entry.js";
import type { LiveSession } from "./live-session.js";

type EventCase = NonNullable<Event["event"]>;

/** Events for a user, wherever the user's session is. A user without a session hears nothing. */
export class UserEvents {
  constructor(
    private readonly engine: Engine,
    private readonly findSession: (user: UserKey) => LiveSession | undefined,
    /** A client has acknowledged an event. */
    private readonly acknowledged: (user: UserKey, event: EventCase) => void,
  ) {}

  /** Takes an event to the node of the user's session. False if the user has none, or its node has fallen. */
  async tell({ appId, userId }: UserKey, event: EventCase): Promise<boolean> {
    const entry = await this.engine.sessions.find({ appId, userId });
    if (entry === undefined) return false;
    const value = { appId, userId, event: Event.create({ event }) };
    const message = encode(NodeMessage, { action: { $case: "userEvent", value } });
    return this.engine.nodes.send(entry.nodeId, message);
  }

  /** A node asks this one to tell a user something. */
  onUserEvent({ appId, userId, event }: UserEvent): void {
    const told = event?.event;
    if (told === undefined) return;
    this.findSession({ appId, userId })?.push(eventEntry(told, trafficOf(told)), (fate) => {
      if (fate === "acknowledged") this.acknowledged({ appId, userId }, told);
    });
  }
}

/** What rings may be refused by a full queue, as a message may; what ends the ringing must arrive, and is bounded by it. */
function trafficOf(event: EventCase): Traffic {
  return event.$case === "invitation" && event.value.state !== InvitationState.SENT ? "essential" : "peer";
}
