import { describe, expect, it } from "vitest";
import { SetUserAttributesRequest, UpdateUserAttributesRequest } from "../../../../gen/aldis/v1/attribute.js";
import { JoinChannelRequest } from "../../../../gen/aldis/v1/channel.js";
import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import { SendDtmfRequest } from "../../../../gen/aldis/v1/invitation.js";
import { Payload, SendPeerMessageRequest } from "../../../../gen/aldis/v1/message.js";
import { QueryPresenceRequest } from "../../../../gen/aldis/v1/presence.js";
import { Hello } from "../../../../gen/aldis/v1/session.js";
import { defaultLimits, type Limits } from "../../../../gen/aldis/v1/tables/limits.js";
import { validate } from "../../../../src/server/session/validate.js";

const check = (type: string, message: object, limits: Partial<Limits> = {}) =>
  validate(`aldis.v1.${type}`, message, { ...defaultLimits, ...limits })?.detail;

const text = (value: string): Payload["content"] => ({ $case: "text", value });
const peerMessage = (some: Partial<SendPeerMessageRequest>) =>
  SendPeerMessageRequest.create({ receiver: "bob", payload: { content: text("hi") }, ...some });

describe("validate, of a text that names something,", () => {
  it.each(["room", "a b~!", "Zoë", "部屋", "😀", "null"])("takes %j", (channel) => {
    expect(check("JoinChannelRequest", JoinChannelRequest.create({ channel }))).toBeUndefined();
  });

  it.each([
    ["a line break", "a\nb"],
    ["a control character", "\u007f"],
    ["a character without width", "a\u200bb"],
    ["a mark of direction", "\u202eab"],
    ["a line separator", "a\u2028b"],
    ["a character of private use", "\ue000"],
    ["an unassigned code point", "\u0378"],
    ["a text that is not in normal form C", "Zoe\u0308"],
  ])("refuses %s", (_, channel) => {
    const refusal = check("JoinChannelRequest", JoinChannelRequest.create({ channel }));

    expect(refusal).toMatchObject({ code: ErrorCode.INVALID_CHANNEL_ID, field: "channel" });
  });

  it("gives the code of its kind", () => {
    expect(check("JoinChannelRequest", JoinChannelRequest.create({}))?.code).toBe(ErrorCode.INVALID_CHANNEL_ID);
    expect(check("SendPeerMessageRequest", peerMessage({ receiver: "" }))?.code).toBe(ErrorCode.INVALID_USER_ID);
    expect(check("SendPeerMessageRequest", peerMessage({ clientMessageId: "\n" }))).toMatchObject({
      code: ErrorCode.INVALID_ARGUMENT,
      field: "client_message_id",
    });
  });

  it.each([
    ["a", 128],
    ["é", 64],
    ["部", 42],
    ["😀", 32],
  ])("counts its bytes: of %s it takes %i and no more", (letter, most) => {
    const refusal = check("JoinChannelRequest", JoinChannelRequest.create({ channel: letter.repeat(most + 1) }));

    expect(check("JoinChannelRequest", JoinChannelRequest.create({ channel: letter.repeat(most) }))).toBeUndefined();
    expect(refusal).toMatchObject({ code: ErrorCode.INVALID_CHANNEL_ID, limit: "LIMIT_CHANNEL_ID_BYTES", limitValue: 128 });
  });

  it("does not look at the characters of a text that names nothing", () => {
    expect(
      check("SendPeerMessageRequest", peerMessage({ payload: Payload.create({ content: text("\u0000\u200b\n") }) })),
    ).toBeUndefined();
  });

  it.each([
    ["0123456789*#", undefined],
    ["12a", ErrorCode.INVALID_ARGUMENT],
    ["1\n", ErrorCode.INVALID_ARGUMENT],
  ])("takes only digits, * and # for %j as a dial", (digits, code) => {
    expect(check("SendDtmfRequest", SendDtmfRequest.create({ invitationId: "one", digits }))?.code).toBe(code);
  });
});

describe("validate, of a message inside a message,", () => {
  it("refuses one that is required and not there", () => {
    expect(check("SendPeerMessageRequest", peerMessage({ payload: undefined }))).toMatchObject({
      code: ErrorCode.INVALID_MESSAGE,
      field: "payload",
    });
  });

  it("refuses one without its oneof, with the error that the message declares", () => {
    expect(check("SendPeerMessageRequest", peerMessage({ payload: Payload.create({}) }))).toMatchObject({
      code: ErrorCode.INVALID_MESSAGE,
      field: "payload.content",
    });
  });

  it("names a field by its path", () => {
    const hello = Hello.create({ appId: "app", userId: "alice", resume: { sessionId: "one" } });

    expect(check("Hello", hello)?.field).toBe("resume.resume_token");
  });

  it("takes one that may be left out", () => {
    expect(check("Hello", Hello.create({ appId: "app", userId: "alice" }))).toBeUndefined();
  });

  it.each([
    ["a text", text("xxxxxxx")],
    ["bytes", { $case: "binary" as const, value: new Uint8Array(7) }],
  ])("counts %s and the other texts of it together", (_, content) => {
    const payload = Payload.create({ content, description: "abc" });

    expect(check("SendPeerMessageRequest", peerMessage({ payload }), { messageBytes: 10 })).toBeUndefined();
    expect(check("SendPeerMessageRequest", peerMessage({ payload }), { messageBytes: 9 })).toMatchObject({
      code: ErrorCode.PAYLOAD_TOO_LARGE,
      field: "payload",
      limit: "LIMIT_MESSAGE_BYTES",
      limitValue: 9,
    });
  });
});

describe("validate, of a list or a map,", () => {
  const query = (...userIds: string[]) => QueryPresenceRequest.create({ userIds });

  it("refuses an empty one that is required", () => {
    const update = UpdateUserAttributesRequest.create({});

    expect(check("QueryPresenceRequest", query())).toMatchObject({ code: ErrorCode.INVALID_ARGUMENT, field: "user_ids" });
    expect(check("UpdateUserAttributesRequest", update)).toMatchObject({
      code: ErrorCode.INVALID_ARGUMENT,
      field: "attributes",
    });
    expect(check("SetUserAttributesRequest", SetUserAttributesRequest.create({}))).toBeUndefined();
  });

  it("refuses more elements than the limit, and takes as many", () => {
    expect(check("QueryPresenceRequest", query("a", "b"), { presenceQueryUsers: 2 })).toBeUndefined();
    expect(check("QueryPresenceRequest", query("a", "b", "c"), { presenceQueryUsers: 2 })).toMatchObject({
      code: ErrorCode.TOO_MANY_ITEMS,
      limit: "LIMIT_PRESENCE_QUERY_USERS",
    });
  });

  it("names the element at fault", () => {
    expect(check("QueryPresenceRequest", query("a", "\n"))).toMatchObject({
      code: ErrorCode.INVALID_USER_ID,
      field: "user_ids[1]",
    });
    expect(check("QueryPresenceRequest", query("a", "b", ""))).toMatchObject({
      code: ErrorCode.INVALID_USER_ID,
      field: "user_ids[2]",
    });
  });

  it("looks at the keys of a map, at its values, and at their number", () => {
    const attributes = new Map([
      ["good", "1"],
      ["a\tb", "2"],
    ]);

    expect(check("SetUserAttributesRequest", SetUserAttributesRequest.create({ attributes }))?.field).toBe("attributes");
    expect(
      check("SetUserAttributesRequest", SetUserAttributesRequest.create({ attributes: new Map([["key", ""]]) })),
    ).toMatchObject({ code: ErrorCode.INVALID_ARGUMENT, field: 'attributes["key"]' });
    expect(
      check("SetUserAttributesRequest", SetUserAttributesRequest.create({ attributes }), { attributesPerOwner: 1 })?.code,
    ).toBe(ErrorCode.TOO_MANY_ITEMS);
  });
});

describe("validate", () => {
  it("has nothing to say of a message without rules", () => {
    expect(check("Nothing", { any: "thing" })).toBeUndefined();
  });
});
