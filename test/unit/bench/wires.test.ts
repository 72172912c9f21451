import { describe, expect, it } from "vitest";
import type { Wire, WireHost } from "../../../bench/wire/wire.js";
import { type WireName, wires } from "../../../bench/wire/wires.js";
import { ChannelGap } from "../../../gen/aldis/v1/channel.js";
import { ChannelMessage } from "../../../gen/aldis/v1/history.js";
import { ConnectResponse, type Event } from "../../../gen/aldis/v1/stream.js";

/** What each server says to a member after whatever comes first: that it is ready, and then two deliveries of "one" and "two". */
const conversations: readonly { readonly wire: WireName; readonly ready: Buffer; readonly deliveries: Buffer }[] = [
  {
    wire: "nats",
    ready: Buffer.from('INFO {"server_id":"x"} \r\nPONG\r\n'),
    deliveries: Buffer.from("MSG topic 1 3\r\none\r\nPING\r\nMSG topic 1 3\r\ntwo\r\n"),
  },
  {
    wire: "redis",
    ready: Buffer.from("*3\r\n$9\r\nsubscribe\r\n$5\r\ntopic\r\n:1\r\n"),
    deliveries: Buffer.from(
      "*3\r\n$7\r\nmessage\r\n$5\r\ntopic\r\n$3\r\none\r\n*3\r\n$7\r\nmessage\r\n$5\r\ntopic\r\n$3\r\ntwo\r\n",
    ),
  },
  {
    wire: "mqtt",
    ready: Buffer.from([0x20, 2, 0, 0, 0x90, 3, 0, 1, 0]),
    deliveries: Buffer.concat([
      Buffer.from([0x30, 10, 0, 5]),
      Buffer.from("topicone"),
      Buffer.from([0x30, 10, 0, 5]),
      Buffer.from("topictwo"),
    ]),
  },
  {
    wire: "ws",
    ready: Buffer.from("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"),
    deliveries: Buffer.concat([Buffer.from([0x81, 3]), Buffer.from("one"), Buffer.from([0x81, 3]), Buffer.from("two")]),
  },
  {
    wire: "tcp",
    ready: Buffer.alloc(4),
    deliveries: Buffer.concat([
      ...[Buffer.from([0, 0, 0, 14]), Buffer.from([0, 0, 0, 3]), Buffer.from("one")],
      ...[Buffer.from([0, 0, 0, 3]), Buffer.from("two")],
    ]),
  },
];

function listen(name: WireName): { wire: Wire; heard: string[]; missed: number[]; readies: () => number } {
  const heard: string[] = [];
  const missed: number[] = [];
  let readies = 0;
  const host: WireHost = {
    write() {},
    ready() {
      readies += 1;
    },
    delivery: (buffer, start, end) => heard.push(buffer.toString("latin1", start, end)),
    missed: (messages) => missed.push(messages),
    batch() {},
    failed(reason) {
      throw new Error(reason);
    },
  };
  const wire = new wires[name]({ userId: "alice", token: "", channels: ["topic"], sends: false }, host);
  wire.open();
  return { wire, heard, missed, readies: () => readies };
}

describe("a wire", () => {
  it.each(conversations)("of $wire hears deliveries that come in one piece", ({ wire: name, ready, deliveries }) => {
    const { wire, heard, readies } = listen(name);

    wire.receive(Buffer.concat([ready, deliveries]));

    expect(readies()).toBe(1);
    expect(heard.map((text) => text.trim().slice(-3))).toEqual(["one", "two"]);
  });

  it.each(conversations)("of $wire hears deliveries that come byte by byte", ({ wire: name, ready, deliveries }) => {
    const { wire, heard, readies } = listen(name);

    for (const byte of Buffer.concat([ready, deliveries])) wire.receive(Buffer.from([byte]));

    expect(readies()).toBe(1);
    expect(heard.map((text) => text.trim().slice(-3))).toEqual(["one", "two"]);
  });

  it("of Aldis counts what members are told that they have missed, and does not hear it as a delivery", () => {
    const { wire, heard, missed } = listen("aldis");
    const gap = (first: number, last: number) => ({ channel: "topic", gap: { firstOffset: first, lastOffset: last } });
    const message = { channel: "topic", payload: { content: { $case: "text" as const, value: "one" } } };

    wire.receive(
      batchOf(
        { $case: "channelGap", value: ChannelGap.fromPartial(gap(3, 7)) },
        { $case: "channelMessage", value: ChannelMessage.fromPartial(message) },
        { $case: "channelGap", value: ChannelGap.fromPartial({ channel: "topic", membersChanged: true }) },
        { $case: "memberCount", value: { channel: "topic", memberCount: 2 } },
      ),
    );

    expect(missed).toEqual([5]);
    expect(heard).toHaveLength(1);
  });
});

/** An HTTP/2 frame with one gRPC message, in which the server tells of events. */
function batchOf(...events: readonly NonNullable<Event["event"]>[]): Buffer {
  const frame = ConnectResponse.fromPartial({ events: events.map((event) => ({ event })) });
  const message = ConnectResponse.encode(frame).finish();
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 1]);
  header.writeUIntBE(prefix.length + message.length, 0, 3);
  return Buffer.concat([header, prefix, message]);
}
