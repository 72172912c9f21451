import { describe, expect, it } from "vitest";
import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import { CalleeState, CallerState, InvitationEndReason, InvitationState } from "../../../../gen/aldis/v1/invitation.js";
import { SessionStart } from "../../../../gen/aldis/v1/session.js";
import type { IncomingInvitation } from "../../../../src/client/invitation/incoming-invitation.js";
import { expired } from "../../../support/joined-client.js";
import { codeOf, createConnectedClient, reconnect } from "../../../support/scripted-client.js";
import type { ScriptedServer } from "../../../support/scripted-server.js";
import { createIdle, createRung, createSent, eventOf, fromBob, listen, toBob } from "./invitation-client.js";

const { SENT, RECEIVED, ACCEPTED, CANCELED, FAILED } = InvitationState;

describe("a sync of the invitations", () => {
  it("rings for what rings, and makes objects for what else lives", async () => {
    const { client, server } = await createConnectedClient();
    const rung: IncomingInvitation[] = [];
    client.on("invitation", (invitation) => rung.push(invitation));

    const sync = client.invitations.sync();
    const listed = [fromBob(2, RECEIVED), toBob(3, ACCEPTED), fromBob(5, ACCEPTED, { invitationId: "i2" })];
    server.stream.answer("listInvitations", { invitations: listed });
    await sync;

    expect(rung.map(({ id }) => id)).toEqual(["i1"]);
    expect(client.invitations.live().map(({ id, direction, state }) => [id, direction, state])).toEqual([
      ["i1", "incoming", CalleeState.INVITATION_RECEIVED],
      ["id-1", "outgoing", CallerState.ACCEPTED_BY_REMOTE],
      ["i2", "incoming", CalleeState.ACCEPTED],
    ]);
  });

  it("rings nobody twice", async () => {
    const { client, server, rung } = await createRung();

    const sync = client.invitations.sync();
    server.stream.answer("listInvitations", { invitations: [fromBob(2, RECEIVED)] });
    await sync;

    expect(rung).toHaveLength(1);
  });

  it("rejects if the server does not answer well", async () => {
    const { client, server } = await createConnectedClient();

    const sync = codeOf(client.invitations.sync());
    server.stream.fail("listInvitations", { code: ErrorCode.UNAVAILABLE });

    expect(await sync).toBe("UNAVAILABLE");
  });
});

describe("a new session in place of a lost one", () => {
  it("learns what became of an invitation that is not listed", async () => {
    const calling = await createSent();
    const { server, clock, told } = calling;

    await reconnect(calling);
    server.stream.welcome(expired);
    server.stream.answer("listInvitations", { invitations: [] });
    await clock.settle();
    const missed = toBob(4, CANCELED, { endContent: "never mind", endReason: InvitationEndReason.CANCELED });
    server.stream.answer("getInvitation", { invitation: missed });
    await clock.settle();

    expect(server.stream.call("getInvitation").request).toEqual({ invitationId: "id-1" });
    expect(told).toEqual([`state ${CallerState.CANCELED}`, 'cancelled {"content":"never mind"}']);
  });

  it("does not ask for those that are listed", async () => {
    const calling = await createSent();

    await reconnect(calling);
    calling.server.stream.welcome(expired);
    calling.server.stream.answer("listInvitations", { invitations: [toBob(2, RECEIVED)] });
    await calling.clock.settle();

    expect(calling.server.stream.countOf("getInvitation")).toBe(0);
    expect(calling.told).toContain("received {}");
  });

  it("ends an invitation that the server no longer knows", async () => {
    const rung = await createRung();
    const { server, clock } = rung;
    server.stream.events(eventOf(fromBob(4, ACCEPTED)), eventOf(fromBob(1, SENT, { invitationId: "i2" })));
    const [, second] = rung.rung;
    const toldBySecond = second === undefined ? [] : listen(second);

    await reconnect(rung);
    server.stream.welcome(expired);
    server.stream.answer("listInvitations", { invitations: [] });
    for (let i = 0; i < 2; i += 1) {
      await clock.settle();
      server.stream.fail("getInvitation", { code: ErrorCode.INVITATION_NOT_FOUND });
    }
    await clock.settle();

    expect(rung.told.at(-1)).toBe('ended {"reason":0,"by":"","content":""}');
    expect(toldBySecond).toEqual([`state ${CalleeState.FAILURE}`, 'failed {"reason":0}']);
    expect(rung.client.invitations.live()).toEqual([]);
  });

  it("asks again later if the server cannot answer now", async () => {
    const calling = await createSent();
    const { server, clock, told } = calling;

    await reconnect(calling);
    server.stream.welcome(expired);
    server.stream.fail("listInvitations", { code: ErrorCode.RATE_LIMITED, retryAfterMs: 300 });
    await clock.advance(500);
    expect(server.stream.countOf("listInvitations")).toBe(1);
    await clock.advance(100);
    expect(server.stream.countOf("listInvitations")).toBe(2);
    server.stream.answer("listInvitations", { invitations: [] });
    await clock.settle();
    server.stream.fail("getInvitation", { code: ErrorCode.UNAVAILABLE });
    await clock.advance(1_000);
    server.stream.answer("listInvitations", { invitations: [toBob(2, RECEIVED)] });
    await clock.settle();

    expect(told).toEqual([`state ${CallerState.RECEIVED_BY_REMOTE}`, "received {}"]);
  });

  it.each([
    ["the server has not answered", () => {}],
    [
      "the client waits to ask again",
      ({ stream }: ScriptedServer) => stream.fail("listInvitations", { code: ErrorCode.UNAVAILABLE }),
    ],
  ])("is not asked any longer after a logout while %s", async (_, say) => {
    const warnings: string[] = [];
    const scripted = await createConnectedClient({ logger: { warn: (message) => warnings.push(message) } });
    scripted.server.stream.events(eventOf(fromBob(1, SENT)));

    await reconnect(scripted);
    scripted.server.stream.welcome(expired);
    say(scripted.server);
    await scripted.clock.settle();
    const logout = scripted.client.logout();
    scripted.server.stream.drop();
    await logout;
    await scripted.clock.advance(1_000);

    expect(scripted.clock.plannedTasks).toBe(0);
    expect(warnings).toEqual([]);
  });

  it("asks nothing if nothing lives, if a send is not sure, or if the session goes on", async () => {
    const calling = await createIdle();
    void calling.call.send().catch(() => {});
    await calling.clock.advance(12_000);
    const asks = () => calling.server.stream.countOf("listInvitations");

    await reconnect(calling);
    calling.server.stream.welcome(expired);
    expect(asks()).toBe(0);
    calling.server.stream.events(eventOf(toBob(1, SENT)));
    await reconnect(calling);
    calling.server.stream.welcome({ start: SessionStart.RESUMED, sessionId: "session-2", eventsAcknowledged: 1 });

    expect(asks()).toBe(0);
    expect(calling.call.state).toBe(CallerState.SENT_TO_REMOTE);
  });

  it("reports a sync of its own that cannot succeed", async () => {
    const warnings: string[] = [];
    const scripted = await createConnectedClient({ logger: { warn: (message) => warnings.push(message) } });
    scripted.server.stream.events(eventOf(fromBob(1, SENT)));

    await reconnect(scripted);
    scripted.server.stream.welcome(expired);
    scripted.server.stream.fail("listInvitations", { code: ErrorCode.UNIMPLEMENTED });
    await scripted.clock.settle();

    expect(warnings).toHaveLength(1);
  });
});

describe("the memory of invitations", () => {
  it("keeps the latest hundred that are over, so that what comes late rings nobody", async () => {
    const { client, server } = await createConnectedClient();
    const rung: string[] = [];
    client.on("invitation", ({ id }) => rung.push(id));

    for (let i = 0; i <= 100; i += 1) {
      const invitationId = `n${i}`;
      server.stream.events(eventOf(fromBob(1, SENT, { invitationId })), eventOf(fromBob(2, FAILED, { invitationId })));
    }
    rung.length = 0;
    const again = ["n1", "n100", "n0"].map((invitationId) => eventOf(fromBob(1, SENT, { invitationId })));
    server.stream.events(...again);

    expect(rung).toEqual(["n0"]);
  });
});
