import { CalleeState, CallerState } from "../../../gen/aldis/v1/invitation.js";
import type { AldisClient } from "../../client/client.js";
import type { IncomingInvitation } from "../../client/invitation/incoming-invitation.js";
import { escapeControls } from "../escape.js";
import { showCall } from "./news.js";

const nobodyCalls = "! Nobody calls.";

/** Calls users, and answers the latest call. Its methods give a line to show; empty for none. */
export class Phone {
  readonly #client: AldisClient;
  readonly #show: (text: string) => void;

  constructor(client: AldisClient, show: (text: string) => void) {
    this.#client = client;
    this.#show = show;
  }

  async call(user: string): Promise<string> {
    const call = this.#client.invitations.invite(user);
    showCall(call, user, this.#show);
    await call.send();
    return `* calling ${escapeControls(user)}; /hangup takes it back`;
  }

  async accept(): Promise<string> {
    const call = this.#ringing();
    await call?.accept();
    return call === undefined ? nobodyCalls : "";
  }

  async refuse(): Promise<string> {
    const call = this.#ringing();
    await call?.refuse();
    return call === undefined ? nobodyCalls : "";
  }

  /** Ends the latest call that was accepted, or takes back one's own. */
  async hangUp(): Promise<string> {
    const call = this.#client.invitations.live().findLast((one) => one !== this.#ringing());
    if (call === undefined) return "! There is no call.";
    if (call.direction === "outgoing" && call.state !== CallerState.ACCEPTED_BY_REMOTE) await call.cancel();
    else await call.end();
    return "";
  }

  #ringing(): IncomingInvitation | undefined {
    const incoming = this.#client.invitations.live().filter((call) => call.direction === "incoming");
    return incoming.findLast(({ state }) => state === CalleeState.INVITATION_RECEIVED);
  }
}
