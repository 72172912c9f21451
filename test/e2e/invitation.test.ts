import { describe, expect, it, onTestFinished, vi } from "vitest";
import { ConnectionState } from "../../gen/aldis/v1/connection.js";
import { InvitationEndReason } from "../../gen/aldis/v1/invitation.js";
import { CuttableTransport } from "../../src/cli/demo/cuttable-transport.js";
import { createClient } from "../../src/client/index.js";
import type { IncomingInvitation } from "../../src/client/invitation/incoming-invitation.js";
import type { InviteOptions, OutgoingInvitation } from "../../src/client/invitation/outgoing-invitation.js";
import type { UserInvitation } from "../../src/client/invitation/user-invitation.js";
import { GrpcTransport } from "../../src/client/transport/grpc.js";
import { codeOf } from "../support/scripted-client.js";
import { startTestServer, type TestServer } from "../support/test-server.js";

const { EXPIRED, PEER_NO_RESPONSE, PEER_OFFLINE } = InvitationEndReason;

/** Waits until an expectation holds. */
const eventually = (expectation: () => void) => vi.waitFor(expectation, { timeout: 20_000, interval: 5 });

/** A user's client over gRPC, with all that its calls tell written down. It logs in later. */
async function createUser({ server, address }: TestServer, userId: string) {
  const transport = new CuttableTransport(new GrpcTransport({ address }));
  const client = createClient({ appId: server.appId, userId, token: await server.issueToken({ userId }), transport });
  onTestFinished(() => client.close());
  const told: string[] = [];
  const rung: IncomingInvitation[] = [];
  const follow = <State>(call: UserInvitation<State>) => {
    call.on("received", () => told.push("received"));
    call.on("accepted", ({ response }) => told.push(`accepted "${response}"`));
    call.on("refused", ({ response }) => told.push(`refused "${response}"`));
    call.on("cancelled", ({ content }) => told.push(`cancelled "${content}"`));
    call.on("failed", ({ reason }) => told.push(`failed ${reason}`));
    call.on("ended", ({ by, content }) => told.push(`ended by ${by} "${content}"`));
    call.on("dtmf", ({ digits }) => told.push(`dtmf ${digits}`));
  };
  client.on("invitation", (call) => {
    told.push(`${call.caller} rings "${call.content}"`);
    rung.push(call);
    follow(call);
  });
  return {
    client,
    told,
    async call(callee: string, options: InviteOptions = {}): Promise<OutgoingInvitation> {
      const call = client.invitations.invite(callee, { content: "hi", ...options });
      follow(call);
      await call.send();
      return call;
    },
    /** The latest call that has rung. */
    async ringing(): Promise<IncomingInvitation> {
      await eventually(() => expect(rung).not.toEqual([]));
      const call = rung.at(-1);
      if (call === undefined) throw new Error("nothing rings");
      return call;
    },
    async cut(): Promise<void> {
      transport.cut();
      await eventually(() => expect(client.state).toBe(ConnectionState.RECONNECTING));
    },
    mend: () => transport.mend(),
  };
}

/** Alice and Bob, both logged in. */
async function createPair() {
  const server = await startTestServer();
  const [alice, bob] = [await createUser(server, "alice"), await createUser(server, "bob")];
  await Promise.all([alice.client.login(), bob.client.login()]);
  return { server, alice, bob };
}

describe("a call over gRPC", () => {
  it("is accepted, carries digits both ways, and is ended", async () => {
    const { alice, bob } = await createPair();

    const call = await alice.call("bob");
    const incoming = await bob.ringing();
    await incoming.accept("yes");
    await eventually(() => expect(bob.told).toContain('accepted "yes"'));
    await call.dtmf("1*");
    await incoming.dtmf("2#");
    await eventually(() => expect(alice.told).toContain("dtmf 2#"));
    await incoming.end("bye");

    const end = { reason: InvitationEndReason.ENDED, by: "bob", content: "bye" };
    expect(await call.outcome).toEqual({ kind: "accepted", response: "yes" });
    expect(await call.ended).toEqual(end);
    expect(await incoming.ended).toEqual(end);
    expect(alice.told).toEqual(["received", 'accepted "yes"', "dtmf 2#", 'ended by bob "bye"']);
    expect(bob.told).toEqual(['alice rings "hi"', 'accepted "yes"', "dtmf 1*", 'ended by bob "bye"']);
    expect(alice.client.invitations.live()).toEqual([]);
  });

  it("is refused", async () => {
    const { alice, bob } = await createPair();

    const call = await alice.call("bob");
    await (await bob.ringing()).refuse("busy");

    expect(await call.outcome).toEqual({ kind: "refused", response: "busy" });
    expect(alice.told).toEqual(["received", 'refused "busy"']);
    expect(bob.told).toEqual(['alice rings "hi"', 'refused "busy"']);
  });

  it("is cancelled while it rings", async () => {
    const { alice, bob } = await createPair();

    const call = await alice.call("bob");
    await eventually(() => expect(alice.told).toEqual(["received"]));
    await call.cancel("never mind");
    const incoming = await bob.ringing();
    await incoming.ended;

    expect(alice.told).toEqual(["received", 'cancelled "never mind"']);
    expect(bob.told).toEqual(['alice rings "hi"', 'cancelled "never mind"']);
    expect(await codeOf(incoming.accept())).toBe("INVITATION_ALREADY_END");
  });

  it("has one outcome when it is accepted and cancelled at once", async () => {
    const { alice, bob } = await createPair();

    const call = await alice.call("bob");
    const incoming = await bob.ringing();
    await Promise.allSettled([call.cancel(), incoming.accept()]);
    const { kind } = await call.outcome;

    expect((await incoming.outcome).kind).toBe(kind);
  });

  it("fails on both sides when it is not answered", async () => {
    const { alice, bob } = await createPair();

    const call = await alice.call("bob", { answerTimeoutMs: 200 });
    await call.outcome;
    await (await bob.ringing()).outcome;

    expect(alice.told).toEqual(["received", `failed ${EXPIRED}`]);
    expect(bob.told).toEqual(['alice rings "hi"', `failed ${EXPIRED}`]);
  });

  it("fails when the callee stays away", async () => {
    const { alice } = await createPair();

    const call = await alice.call("carol", { offlineTimeoutMs: 200 });

    expect(await call.outcome).toEqual({ kind: "failed", reason: PEER_OFFLINE });
  });

  it("rings at a callee who logs in later", async () => {
    const { server, alice } = await createPair();

    const call = await alice.call("carol");
    const carol = await createUser(server, "carol");
    await carol.client.login();
    await (await carol.ringing()).accept();

    expect(await call.outcome).toEqual({ kind: "accepted", response: "" });
  });

  it("rings at the client with which the callee logs in elsewhere", async () => {
    const { server, alice, bob } = await createPair();

    const call = await alice.call("bob");
    const first = await bob.ringing();
    const elsewhere = await createUser(server, "bob");
    await elsewhere.client.login();
    await (await elsewhere.ringing()).accept("here");

    expect(await call.outcome).toEqual({ kind: "accepted", response: "here" });
    expect(await codeOf(first.outcome)).toBe("NOT_CONNECTED");
    expect(bob.told).toEqual(['alice rings "hi"']);
  });
});

describe("a call over a link that breaks", () => {
  it("is accepted while the caller's link is cut, and both sides hear of it", async () => {
    const { alice, bob } = await createPair();

    const call = await alice.call("bob");
    const incoming = await bob.ringing();
    await alice.cut();
    await incoming.accept("yes");
    alice.mend();
    await call.outcome;
    await incoming.outcome;

    expect(alice.told).toEqual(["received", 'accepted "yes"']);
    expect(bob.told).toEqual(['alice rings "hi"', 'accepted "yes"']);
  });

  it("is confirmed while the callee's link is cut, who hears of it later", async () => {
    const { alice, bob } = await createPair();

    const call = await alice.call("bob");
    const incoming = await bob.ringing();
    await alice.cut();
    await incoming.accept("yes");
    await bob.cut();
    alice.mend();
    await call.outcome;
    expect(bob.told).toEqual(['alice rings "hi"']);
    bob.mend();
    await incoming.outcome;

    expect(bob.told).toEqual(['alice rings "hi"', 'accepted "yes"']);
  });

  it("fails when the callee's client does not receive it in time, and rings at nobody twice", async () => {
    const { alice, bob } = await createPair();

    await bob.cut();
    const call = await alice.call("bob", { receiveTimeoutMs: 200 });
    expect(await call.outcome).toEqual({ kind: "failed", reason: PEER_NO_RESPONSE });
    bob.mend();
    await eventually(() => expect(bob.told).toHaveLength(2));

    expect(alice.told).toEqual([`failed ${PEER_NO_RESPONSE}`]);
    expect(bob.told).toEqual(['alice rings "hi"', `failed ${PEER_NO_RESPONSE}`]);
  });
});
