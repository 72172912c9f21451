import { describe, expect, it } from "vitest";
import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import { CallerState, InvitationEndReason, InvitationState } from "../../../../gen/aldis/v1/invitation.js";
import { codeOf, createScriptedClient } from "../../../support/scripted-client.js";
import { createIdle, createSent, eventOf, toBob } from "./invitation-client.js";

const { UNSPECIFIED, SENT, RECEIVED, ACCEPT_SENT, ACCEPTED, REFUSED, CANCELED, FAILED, ENDED } = InvitationState;

describe("an invitation that was made", () => {
  it("is IDLE, and nothing is sent", async () => {
    const { client, server, call } = await createIdle({ channel: "room", content: "hi" });

    expect(call).toMatchObject({ id: "id-1", caller: "ann", callee: "bob", channel: "room", content: "hi", response: "" });
    expect(call).toMatchObject({ direction: "outgoing", state: CallerState.IDLE, endReason: 0, endContent: "" });
    expect(server.stream.calls).toEqual([]);
    expect(client.invitations.live()).toEqual([]);
  });

  it("is sent with all that it was made with", async () => {
    const patience = { offlineTimeoutMs: 0, receiveTimeoutMs: 5, answerTimeoutMs: 7 };
    const { client, server, call, told } = await createIdle({
      channel: "room",
      content: "hi",
      onePerChannelAndCallee: true,
      ...patience,
    });

    const send = call.send();
    const { request } = server.stream.call("sendInvitation");
    server.stream.answer("sendInvitation", { invitation: toBob(1, SENT, { channel: "room", content: "hi" }) });
    await send;

    expect(request).toEqual({
      invitationId: "id-1",
      callee: "bob",
      channel: "room",
      content: "hi",
      onePerChannelAndCallee: true,
      ...patience,
    });
    expect(told).toEqual([`state ${CallerState.SENT_TO_REMOTE}`]);
    expect(client.invitations.live()).toEqual([call]);
  });

  it("cannot be taken back, ended or used for digits before it is sent", async () => {
    const { server, call } = await createIdle();

    expect(await codeOf(call.cancel())).toBe("INVITATION_NOT_STARTED");
    expect(await codeOf(call.end())).toBe("INVITATION_NOT_STARTED");
    expect(await codeOf(call.dtmf("1"))).toBe("INVITATION_NOT_STARTED");
    expect(server.stream.calls).toEqual([]);
  });

  it("is IDLE still after a refused send, and may be sent again", async () => {
    const { client, server, call } = await createIdle();

    const refused = codeOf(call.send());
    server.stream.fail("sendInvitation", { code: ErrorCode.PEER_UNREACHABLE });
    expect(await refused).toBe("PEER_UNREACHABLE");
    expect(call.state).toBe(CallerState.IDLE);
    expect(await codeOf(call.cancel())).toBe("INVITATION_NOT_STARTED");
    const send = call.send();
    server.stream.answer("sendInvitation", { invitation: toBob(1, SENT) });
    await send;

    expect(call.state).toBe(CallerState.SENT_TO_REMOTE);
    expect(client.invitations.live()).toEqual([call]);
  });

  it("is not given up by a logout after a refused send", async () => {
    const { client, server, call, clock } = await createIdle();
    const refused = codeOf(call.send());
    server.stream.fail("sendInvitation", { code: ErrorCode.PEER_UNREACHABLE });
    await refused;

    const logout = client.logout();
    server.stream.drop();
    await logout;
    const login = client.login();
    await clock.advance(1);
    server.stream.welcome();
    await login;
    const send = call.send();
    server.stream.answer("sendInvitation", { invitation: toBob(1, REFUSED) });
    await send;

    expect(await call.outcome).toEqual({ kind: "refused", response: "" });
  });

  it("lives if its events come while nothing answers its send", async () => {
    const { client, server, clock, call } = await createIdle();

    const lost = codeOf(call.send({ timeoutMs: 100 }));
    server.stream.events(eventOf(toBob(2, RECEIVED)));
    await clock.advance(100);

    expect(await lost).toBe("TIMEOUT");
    expect(client.invitations.live()).toEqual([call]);
  });

  it("counts once if a send of unknown outcome is repeated", async () => {
    const { server, clock, call } = await createIdle();

    const lost = codeOf(call.send({ timeoutMs: 100 }));
    await clock.advance(100);
    expect(await lost).toBe("TIMEOUT");
    const again = call.send();
    server.stream.fail("sendInvitation", { code: ErrorCode.INVITATION_ALREADY_SENT });
    await clock.settle();
    server.stream.answer("getInvitation", { invitation: toBob(2, RECEIVED) });
    await again;

    expect(server.stream.call("getInvitation").request).toEqual({ invitationId: "id-1" });
    expect(call.state).toBe(CallerState.RECEIVED_BY_REMOTE);
  });

  it("can be taken back while nobody knows whether the server has it, and hears what the server says of it", async () => {
    const { server, clock, call, told } = await createIdle();

    const lost = codeOf(call.send({ timeoutMs: 100 }));
    await clock.advance(100);
    await lost;
    const cancel = call.cancel("never mind");
    server.stream.answer("cancelInvitation", { invitation: toBob(2, CANCELED, { endContent: "never mind" }) });
    await cancel;

    expect(told).toEqual([`state ${CallerState.CANCELED}`, 'cancelled {"content":"never mind"}']);
  });

  it("is not sent without a session", async () => {
    const { client } = createScriptedClient();

    expect(await codeOf(client.invitations.invite("bob").send())).toBe("NOT_LOGGED_IN");
  });
});

describe("an invitation that was sent", () => {
  it("cannot be sent again, which says what to do", async () => {
    const { server, call } = await createSent();

    const error = await call.send().catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: ErrorCode.INVITATION_ALREADY_SENT, invitationState: SENT });
    expect(error).toHaveProperty("message", expect.stringContaining("make a new one"));
    expect(server.stream.countOf("sendInvitation")).toBe(1);
  });

  it("cannot be sent again while the first send is under way", async () => {
    const { client, server, call } = await createIdle();

    void call.send().catch(() => {});

    expect(client.invitations.live()).toEqual([]);
    expect(await codeOf(call.send())).toBe("INVITATION_ALREADY_SENT");
    expect(server.stream.countOf("sendInvitation")).toBe(1);
  });

  it("tells each step of a call", async () => {
    const { server, call, told } = await createSent();

    server.stream.events(eventOf(toBob(2, RECEIVED)), eventOf(toBob(3, ACCEPT_SENT, { response: "yes" })));
    const end = call.end("bye");
    const over = toBob(5, ENDED, { response: "yes", endReason: InvitationEndReason.ENDED, endedBy: "ann", endContent: "bye" });
    server.stream.answer("endInvitation", { invitation: over });
    await end;

    expect(server.stream.call("endInvitation").request).toEqual({ invitationId: "id-1", content: "bye" });
    expect(told).toEqual([
      `state ${CallerState.RECEIVED_BY_REMOTE}`,
      "received {}",
      `state ${CallerState.ACCEPTED_BY_REMOTE}`,
      'accepted {"response":"yes"}',
      `ended ${JSON.stringify({ reason: InvitationEndReason.ENDED, by: "ann", content: "bye" })}`,
    ]);
    expect(await call.outcome).toEqual({ kind: "accepted", response: "yes" });
    expect(await call.ended).toEqual({ reason: InvitationEndReason.ENDED, by: "ann", content: "bye" });
  });

  it("takes its answer in step with the events of the same batch", async () => {
    const { server, call, told } = await createIdle();

    const send = call.send();
    const answer = server.stream.resultOf("sendInvitation", { invitation: toBob(1, SENT) }, 0);
    server.stream.batch([eventOf(toBob(2, RECEIVED))], [answer]);
    await send;

    expect(told[0]).toBe(`state ${CallerState.SENT_TO_REMOTE}`);
    expect(call.state).toBe(CallerState.RECEIVED_BY_REMOTE);
  });

  it.each([
    [REFUSED, { kind: "refused", response: "text" }],
    [CANCELED, { kind: "cancelled", content: "text" }],
    [FAILED, { kind: "failed", reason: InvitationEndReason.EXPIRED }],
  ])("has an outcome in state %i, which ends it too", async (state, outcome) => {
    const { server, call } = await createSent();

    const rest = { response: "text", endContent: "text", endedBy: "bob", endReason: InvitationEndReason.EXPIRED };
    server.stream.events(eventOf(toBob(2, state, rest)));

    expect(await call.outcome).toEqual(outcome);
    expect(await call.ended).toEqual({ reason: InvitationEndReason.EXPIRED, by: "bob", content: "text" });
  });

  it("is cancelled, and tells what the answer says", async () => {
    const { client, server, call, told } = await createSent();

    const cancel = call.cancel("never mind");
    server.stream.answer("cancelInvitation", { invitation: toBob(2, CANCELED, { endContent: "never mind" }) });
    await cancel;

    expect(told).toEqual([`state ${CallerState.CANCELED}`, 'cancelled {"content":"never mind"}']);
    expect(client.invitations.live()).toEqual([]);
    expect(await codeOf(call.send())).toBe("INVITATION_ALREADY_END");
    expect(await codeOf(call.cancel())).toBe("INVITATION_ALREADY_END");
  });

  it("does not live any more when its end is told", async () => {
    const { client, server, call } = await createSent();
    const live: number[] = [];
    call.on("cancelled", () => live.push(client.invitations.live().length));

    server.stream.events(eventOf(toBob(2, CANCELED)));

    expect(live).toEqual([0]);
  });

  it("ignores a state of a later revision", async () => {
    const { server, call, told } = await createSent();

    server.stream.events(eventOf(toBob(2, 99 as never)), eventOf(toBob(3, UNSPECIFIED)));

    expect(told).toEqual([]);
    expect(call.state).toBe(CallerState.SENT_TO_REMOTE);
  });

  it("tells nothing after its end, whatever comes", async () => {
    const { server, call, told } = await createSent();
    server.stream.events(eventOf(toBob(2, CANCELED)));
    told.length = 0;

    server.stream.events(eventOf(toBob(3, ENDED)));

    expect(told).toEqual([]);
    expect(call.state).toBe(CallerState.CANCELED);
  });

  it("cannot be ended before, nor cancelled after the acceptance", async () => {
    const { server, call } = await createSent();

    expect(await codeOf(call.end())).toBe("INVITATION_NOT_STARTED");
    server.stream.events(eventOf(toBob(2, ACCEPTED)));

    expect(await codeOf(call.cancel())).toBe("INVITATION_ALREADY_ACCEPT");
    expect(server.stream.calls.map(({ request }) => request?.$case)).toEqual(["sendInvitation"]);
  });

  it("sends digits, and tells those of the other side while it lives", async () => {
    const { server, call, told } = await createSent();

    const sent = call.dtmf("12#");
    server.stream.answer("sendDtmf");
    await sent;
    const digits = { $case: "invitationDtmf", value: { invitationId: "id-1", sender: "bob", digits: "3" } } as const;
    server.stream.events(digits, eventOf(toBob(2, CANCELED)), digits);

    expect(server.stream.call("sendDtmf").request).toEqual({ invitationId: "id-1", digits: "12#" });
    expect(told.filter((line) => line.startsWith("dtmf"))).toEqual(['dtmf {"digits":"3"}']);
  });
});

describe("the promises of an invitation", () => {
  // An unhandled rejection would fail the run.
  it("reject when the client is closed before the outcome, and nobody has to listen", async () => {
    const { client, server, call, clock } = await createSent();

    const closed = client.close();
    server.stream.drop();
    await closed;
    await clock.settle();

    expect(await codeOf(call.outcome)).toBe("NOT_CONNECTED");
    expect(await codeOf(call.ended)).toBe("NOT_CONNECTED");
  });

  it("keep what came before the logout", async () => {
    const { client, server, call } = await createSent();

    server.stream.events(eventOf(toBob(2, ACCEPT_SENT)));
    const logout = client.logout();
    server.stream.drop();
    await logout;

    expect(await call.outcome).toEqual({ kind: "accepted", response: "" });
    expect(await codeOf(call.ended)).toBe("NOT_CONNECTED");
  });
});
