// For random scripts of calls, what an application of the old interface was told agrees with what a native client sees.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AttributeNotice } from "../../../gen/aldis/v1/attribute.js";
import { MembershipState } from "../../../gen/aldis/v1/channel.js";
import { CalleeState, CallerState } from "../../../gen/aldis/v1/invitation.js";
import { AldisClient, type AnyInvitation } from "../../../src/client/index.js";
import { type ManualServer, startManualServer } from "./manual-server.js";
import type { User } from "./users.js";

const often = 1_000_000;
const limits = {
  joins: often,
  sameChannelJoins: often,
  attributeWrites: often,
  attributeReads: often,
  channelAttributeWrites: often,
  channelAttributeReads: often,
  memberLists: often,
  peerSends: often,
  channelSends: often,
  invitationCalls: often,
};

const channels = ["red", "blue"] as const;
const channel = fc.constantFrom(...channels);
const key = fc.constantFrom("topic", "mood");
const plain = fc.constantFrom("peer", "answer", "refuse", "hangUp", "invite");
const step = fc.record({
  who: fc.constantFrom("alice", "bob"),
  what: fc.oneof(plain, fc.constantFrom("join", "leave", "say", "set", "delete", "clear")),
  channel,
  key,
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** What an application knows by the callbacks alone. */
class Application {
  room: string | undefined;
  readonly attributes = new Map<string, string>();
  readonly peerTexts: string[] = [];
  readonly channelTexts: string[] = [];
  /** "rings" or "accepted" by channel, for both directions. */
  readonly calls = new Map<string, string>();

  constructor({ api }: User) {
    api.onChannelJoined = (id) => {
      if (this.room !== id) this.attributes.clear();
      this.room = id;
    };
    api.onChannelLeaved = (id) => {
      if (this.room === id) this.room = undefined;
    };
    api.onChannelAttrUpdated = (_id, name, value, type) => {
      if (type === "clear") this.attributes.clear();
      else if (type === "del") this.attributes.delete(name);
      else this.attributes.set(name, value);
    };
    api.onMessageInstantReceive = (_account, _uid, text) => this.peerTexts.push(text);
    api.onMessageChannelReceive = (id, _account, _uid, text) => this.channelTexts.push(`${id}: ${text}`);
    api.onInviteReceived = (id) => this.calls.set(`in ${id}`, "rings");
    api.onInviteReceivedByPeer = (id) => this.calls.set(`out ${id}`, "rings");
    api.onInviteAcceptedByPeer = (id) => this.calls.set(`out ${id}`, "accepted");
    api.onInviteRefusedByPeer = (id) => this.calls.delete(`out ${id}`);
    api.onInviteEndByPeer = (id) => this.endAll(id);
    api.onInviteEndByMyself = (id) => this.endAll(id);
  }

  /** The user has answered the call that rings, if one does: no callback says so. */
  answered(id: string, accepted: boolean): void {
    if (this.calls.get(`in ${id}`) !== "rings") return;
    if (accepted) this.calls.set(`in ${id}`, "accepted");
    else this.calls.delete(`in ${id}`);
  }

  /** The scripts have at most one call in a channel, in whichever direction. */
  private endAll(id: string): void {
    for (const direction of ["in", "out"]) this.calls.delete(`${direction} ${id}`);
  }
}

/** What the native client has heard. */
class Native {
  readonly peerTexts: string[] = [];
  readonly channelTexts: string[] = [];

  constructor(readonly client: AldisClient) {
    client.on("peerMessage", ({ payload }) => this.peerTexts.push(payload.text ?? ""));
    for (const id of channels) {
      client.channel(id).on("message", ({ payload }) => this.channelTexts.push(`${id}: ${payload.text}`));
    }
  }

  isIn(id: string): boolean {
    return this.client.channel(id).state === MembershipState.JOINED;
  }

  call(id: string): AnyInvitation | undefined {
    return this.client.invitations.live().find((call) => call.channel === id);
  }

  /** The calls as the other side should see them. */
  calls(): Map<string, string> {
    return new Map(
      this.client.invitations.live().map((call) => {
        return [`${call.direction === "outgoing" ? "in" : "out"} ${call.channel}`, isAccepted(call) ? "accepted" : "rings"];
      }),
    );
  }
}

function isAccepted(call: AnyInvitation): boolean {
  if (call.direction === "outgoing") return call.state === CallerState.ACCEPTED_BY_REMOTE;
  return call.state === CalleeState.ACCEPTED || call.state === CalleeState.ACCEPT_SENT_TO_LOCAL;
}

async function hangUp(call: AnyInvitation): Promise<void> {
  if (isAccepted(call)) await call.end();
  else if (call.direction === "outgoing") await call.cancel();
  else await call.refuse();
}

function actAsAlice({ api }: User, native: Native, { what, channel: id, key: name }: Step, text: string): void {
  switch (what) {
    case "peer":
      return api.messageInstantSend("bob", 0, text, text);
    case "join":
      return api.channelJoin(id);
    case "leave":
      return api.channelLeave(id);
    case "say":
      return api.messageChannelSend(id, text, text);
    case "set":
      return api.channelSetAttr(id, name, text);
    case "delete":
      return api.channelDelAttr(id, name);
    case "clear":
      return api.channelClearAttr(id);
    case "invite":
      return native.call(id) === undefined ? api.channelInviteUser(id, "bob", 0) : undefined;
    case "answer":
      return api.channelInviteAccept(id, "bob", 0, "");
    case "refuse":
      return api.channelInviteRefuse(id, "bob", 0, "");
    case "hangUp":
      return api.channelInviteEnd(id, "bob", 0);
  }
}

async function actAsBob(native: Native, { what, channel: id, key: name }: Step, text: string): Promise<unknown> {
  const { client } = native;
  const room = client.channel(id);
  const call = native.call(id);
  const notice = AttributeNotice.CHANGE;
  switch (what) {
    case "peer":
      return client.sendToPeer("alice", text);
    case "join":
      return room.join({ receiveOwnMessages: true });
    case "leave":
      return room.leave();
    case "say":
      return room.send(text);
    case "set":
      return room.attributes.update({ [name]: text }, { notice });
    case "delete":
      return room.attributes.delete([name], { notice });
    case "clear":
      return room.attributes.clear({ notice });
    case "invite":
      return call === undefined ? client.invitations.invite("alice", { channel: id }).send() : undefined;
    case "answer":
      return call?.direction === "incoming" ? call.accept() : undefined;
    case "refuse":
      return call?.direction === "incoming" ? call.refuse() : undefined;
    case "hangUp":
      return call === undefined ? undefined : hangUp(call);
  }
}

async function startBoth(): Promise<{ server: ManualServer; alice: User; native: Native }> {
  const server = await startManualServer(limits);
  const alice = await server.loginUser("alice");
  const { transport, runtime, appId } = server;
  const client = new AldisClient({ appId, transport, runtime, userId: "bob", token: server.token("bob") });
  void client.login();
  await server.advance(100);
  return { server, alice, native: new Native(client) };
}

describe("the old interface and the native client", () => {
  it("agree on messages, the channel, its attributes and calls, whatever the two do", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        const { server, alice, native } = await startBoth();
        const application = new Application(alice);
        for (const [place, next] of steps.entries()) {
          const [bothIn, heard] = [
            channels.filter((id) => native.isIn(id) && application.room === id),
            application.channelTexts.length,
          ];
          const bobHeard = native.channelTexts.length;
          if (next.who === "alice") actAsAlice(alice, native, next, `${place}`);
          if (next.who === "alice" && next.what === "answer") application.answered(next.channel, true);
          if (next.who === "alice" && next.what === "refuse") application.answered(next.channel, false);
          if (next.who === "bob") actAsBob(native, next, `${place}`).catch(() => {});
          await server.advance(1_500);

          for (const id of channels) {
            expect(application.room === id).toBe(await askBob(server, native.client.isMember(id, "alice")));
          }
          if (application.room !== undefined) {
            const { attributes } = await askBob(server, native.client.channel(application.room).attributes.get());
            expect(application.attributes).toEqual(new Map([...attributes].map(([name, { value }]) => [name, value])));
          }
          if (next.what === "say" && bothIn.includes(next.channel)) {
            expect(application.channelTexts.slice(heard)).toEqual([`${next.channel}: ${place}`]);
            expect(native.channelTexts.slice(bobHeard)).toEqual([`${next.channel}: ${place}`]);
          }
          expect(application.calls).toEqual(native.calls());
        }
        const peerTexts = (who: string) =>
          steps.flatMap((taken, place) => (taken.who === who && taken.what === "peer" ? [`${place}`] : []));
        expect(application.peerTexts).toEqual(peerTexts("bob"));
        expect(native.peerTexts).toEqual(peerTexts("alice"));
        alice.api.destroy();
        await native.client.close();
      }),
      { numRuns: 50 },
    );
  });
});

/** The answer to a call, for which time has to pass. */
async function askBob<T>(server: ManualServer, answer: Promise<T>): Promise<T> {
  await server.advance(100);
  return await answer;
}
