import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import { CalleeState, CallerState, InvitationEndReason } from "../../../../gen/aldis/v1/invitation.js";
import { dialectCode } from "../../../../gen/aldis/v1/tables/dialects.js";
import type { AldisClient } from "../../client.js";
import { AldisError, failure, messageOf } from "../../error.js";
import type { IncomingInvitation } from "../../invitation/incoming-invitation.js";
import type { OutgoingInvitation } from "../../invitation/outgoing-invitation.js";
import type { AnyInvitation } from "../../invitation/switchboard.js";
import type { CallOptions } from "../../options.js";
import { codeOf } from "../shared/codes.js";
import type { Told } from "./callbacks.js";
import { checkAccount, checkDigits, checkExtra } from "./checks.js";
import { type Patience, readExtra, withSourceNumber } from "./extra.js";
import { errorOf } from "./queries.js";
import type { Teller } from "./teller.js";

/** Calls to and from users. A call has no id: the application names it by the channel and the other account. */
export class Calls {
  readonly #client: AldisClient;
  readonly #teller: Teller;
  readonly #live = new Set<AnyInvitation>();

  constructor(client: AldisClient, teller: Teller) {
    this.#client = client;
    this.#teller = teller;
    client.on("invitation", (call) => this.#ring(call));
  }

  /** Calls a user. `srcNum` is the number that a telephone shows; undefined for none. */
  invite(channelID: string, account: string, extra: string, srcNum?: string): void {
    void this.#teller.follow(
      async (options) => {
        checkAccount(account);
        const content = srcNum === undefined ? extra : withSourceNumber(extra, srcNum);
        await this.#send(this.#outgoing(channelID, account, content, readExtra(content)), options);
      },
      {
        done: () => [],
        failed: (thrown) => [["onInviteFailed", channelID, account, 0, codeOf("SIGNALING_INVITE", thrown), extra]],
      },
    );
  }

  accept(channelID: string, account: string, extra: string): void {
    this.#answer("channelInviteAccept", channelID, account, extra, (call, options) => call.accept(extra, options));
  }

  refuse(channelID: string, account: string, extra: string): void {
    this.#answer("channelInviteRefuse", channelID, account, extra, (call, options) => call.refuse(extra, options));
  }

  /** Ends a call in whatever state it is. */
  end(channelID: string, account: string): void {
    this.#teller.tell(["onInviteEndByMyself", channelID, account, 0]);
    for (const call of this.#find(channelID, account)) {
      this.#live.delete(call);
      hangUp(call).catch((thrown) => this.#teller.log(`A call could not be ended: ${messageOf(thrown)}`));
    }
  }

  /** Sends telephone digits to the other side of a call. */
  sendDigits(channelID: string, account: string, dtmf: string): void {
    void this.#teller.follow(
      async (options) => {
        checkDigits(dtmf);
        await this.#first(this.#find(channelID, account)).dtmf(dtmf, options);
      },
      { done: () => [], failed: (thrown) => [errorOf("channelInviteDTMF", thrown)] },
    );
  }

  /** Sends telephone digits to the other side of the only call. */
  sendDigitsToOnly(dtmf: string, messageID: string): void {
    void this.#teller.follow(
      async (options) => {
        checkDigits(dtmf);
        await this.#first(this.#live.size === 1 ? [...this.#live] : []).dtmf(dtmf, options);
      },
      {
        done: () => [["onMessageSendSuccess", messageID]],
        failed: (thrown) => [["onMessageSendError", messageID, codeOf("SIGNALING_GENERAL", thrown)]],
      },
    );
  }

  #outgoing(channel: string, account: string, extra: string, patience: Patience): OutgoingInvitation {
    const { offlineReason, ...timeouts } = patience;
    const options = { channel, content: extra, onePerChannelAndCallee: true, ...timeouts };
    const call = this.#client.invitations.invite(account, options);
    const tell = this.#listen(call, account);
    call.on("received", () => tell(["onInviteReceivedByPeer", channel, account, 0]));
    call.on("accepted", ({ response }) => tell(["onInviteAcceptedByPeer", channel, account, 0, response]));
    call.on("refused", ({ response }) => this.#over(call, ["onInviteRefusedByPeer", channel, account, 0, response]));
    call.on("cancelled", () => this.#live.delete(call));
    call.on("failed", ({ reason }) => {
      const cause = reason === InvitationEndReason.PEER_OFFLINE ? offlineReason : reason;
      this.#over(call, ["onInviteFailed", channel, account, 0, endCode(cause), extra]);
    });
    return call;
  }

  /** A send that may have arrived is taken back, since the application hears that it failed, unless it has ended the call itself. */
  async #send(call: OutgoingInvitation, options: CallOptions): Promise<void> {
    this.#live.add(call);
    try {
      await call.send(options);
    } catch (thrown) {
      call.cancel().catch(() => {});
      if (this.#live.delete(call)) throw thrown;
    }
  }

  #ring(call: IncomingInvitation): void {
    const { channel, caller, content } = call;
    this.#live.add(call);
    const tell = this.#listen(call, caller);
    call.on("refused", () => this.#live.delete(call));
    call.on("cancelled", (end) => this.#over(call, ["onInviteEndByPeer", channel, caller, 0, end.content]));
    call.on("failed", ({ reason }) => this.#over(call, ["onInviteFailed", channel, caller, 0, endCode(reason), content]));
    tell(["onInviteReceived", channel, caller, 0, content]);
  }

  /** What both sides hear. Returns what tells of a call while it lives for the application. */
  #listen(call: AnyInvitation, account: string): (told: Told) => void {
    const tell = (told: Told): void => {
      if (this.#live.has(call)) this.#teller.tell(told);
    };
    call.on("ended", ({ content }) => this.#over(call, ["onInviteEndByPeer", call.channel, account, 0, content]));
    call.on("dtmf", ({ digits }) => tell(["onInviteMsg", call.channel, account, 0, "DTMF", digits, ""]));
    return tell;
  }

  /** The call is over; one that the application has ended itself tells nothing more. */
  #over(call: AnyInvitation, told: Told): void {
    if (this.#live.delete(call)) this.#teller.tell(told);
  }

  #answer(
    method: string,
    channelID: string,
    account: string,
    extra: string,
    send: (call: IncomingInvitation, options: CallOptions) => Promise<void>,
  ): void {
    void this.#teller.follow(
      async (options) => {
        checkExtra(extra);
        const calls = this.#find(channelID, account).filter((call) => call.direction === "incoming");
        await send(this.#first(calls), options);
      },
      { done: () => [], failed: (thrown) => [errorOf(method, thrown)] },
    );
  }

  #find(channelID: string, account: string): readonly AnyInvitation[] {
    return [...this.#live].filter((call) => call.channel === channelID && otherSide(call) === account);
  }

  /** The first of the calls that are meant. Throws if there is none. */
  #first<Call extends AnyInvitation>([call]: readonly Call[]): Call {
    if (call !== undefined) return call;
    if (this.#client.sessionId === undefined) throw failure(ErrorCode.NOT_LOGGED_IN, "Log in first.");
    throw failure(ErrorCode.INVITATION_NOT_STARTED, "There is no such call.");
  }
}

function otherSide(call: AnyInvitation): string {
  return call.direction === "outgoing" ? call.callee : call.caller;
}

/** Takes back, refuses or ends. The other side may have accepted meanwhile. */
async function hangUp(call: AnyInvitation): Promise<void> {
  try {
    if (isAccepted(call)) await call.end();
    else if (call.direction === "outgoing") await call.cancel();
    else await call.refuse();
  } catch (thrown) {
    if (!(thrown instanceof AldisError) || thrown.code !== ErrorCode.INVITATION_ALREADY_ACCEPT) throw thrown;
    await call.end();
  }
}

function isAccepted(call: AnyInvitation): boolean {
  if (call.direction === "outgoing") return call.state === CallerState.ACCEPTED_BY_REMOTE;
  return call.state === CalleeState.ACCEPTED || call.state === CalleeState.ACCEPT_SENT_TO_LOCAL;
}

function endCode(reason: InvitationEndReason): number {
  return dialectCode("SIGNALING_INVITE", "InvitationEndReason", reason);
}
