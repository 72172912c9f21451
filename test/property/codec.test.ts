import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConnectResponse, Event } from "../../gen/aldis/v1/stream.js";
import { decodeStrict } from "../../gen/aldis/v1/tables/wire.js";
import { arbitraryMessage } from "./codec-arbitrary.js";
import { codecOf, messageTypes } from "./codec-schema.js";
import { fromProtobufjs, toProtobufjs } from "./codec-translation.js";

const types = messageTypes.map((type) => ({ name: type.name, type, codec: codecOf(type) }));
const responseType = messageTypes.find((type) => type.name === "ConnectResponse");
const eventType = messageTypes.find((type) => type.name === "Event");

describe("the generated codec against protobufjs", () => {
  it.each(types)("encodes $name so that protobufjs reads the same", ({ type, codec }) => {
    fc.assert(
      fc.property(arbitraryMessage(type), (message) => {
        const bytes = codec.encode(message).finish();

        expect(fromProtobufjs(type, type.decode(bytes))).toEqual(message);
      }),
      { numRuns: 40 },
    );
  });

  it.each(types)("reads $name as protobufjs encodes it", ({ type, codec }) => {
    fc.assert(
      fc.property(arbitraryMessage(type), (message) => {
        const bytes = new Uint8Array(type.encode(toProtobufjs(type, message)).finish());

        expect(codec.decode(bytes)).toEqual(message);
      }),
      { numRuns: 40 },
    );
  });
});

describe("a batch", () => {
  it("is what the encoded entries of several messages give when they are joined", () => {
    if (responseType === undefined || eventType === undefined) throw new Error("the protocol has no ConnectResponse");
    const events = fc.array(
      arbitraryMessage(eventType).map((event) => Event.fromPartial(event)),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(events, (several) => {
        const entries = several.map((event) => ConnectResponse.encode(ConnectResponse.create({ events: [event] })).finish());

        const joined = new Uint8Array(Buffer.concat(entries));

        expect(ConnectResponse.decode(joined)).toEqual(ConnectResponse.create({ events: several }));
        expect(ConnectResponse.encode(ConnectResponse.create({ events: several })).finish()).toEqual(joined);
      }),
    );
  });

  it("keeps its events when results stand between them", () => {
    const event = Event.create({ event: { $case: "memberCount", value: { channel: "harbour", memberCount: 2 } } });
    const first = ConnectResponse.encode(ConnectResponse.create({ events: [event] })).finish();
    const result = ConnectResponse.encode(ConnectResponse.create({ results: [{ callId: 1, afterEvents: 1 }] })).finish();

    const decoded = decodeStrict(ConnectResponse, Buffer.concat([first, result, first]));

    expect(decoded).toMatchObject({ ok: true, value: { events: [event, event], results: [{ callId: 1, afterEvents: 1 }] } });
  });
});
