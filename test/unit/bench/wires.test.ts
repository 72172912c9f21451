import { describe, expect, it } from "vitest";
import type { Wire, WireHost } from "../../../bench/wire/wire.js";
import { type WireName, wires } from "../../../bench/wire/wires.js";

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

function listen(name: WireName): { wire: Wire; heard: string[]; readies: () => number } {
  const heard: string[] = [];
  let readies = 0;
  const host: WireHost = {
    write() {},
    ready() {
      readies += 1;
    },
    delivery: (buffer, start, end) => heard.push(buffer.toString("latin1", start, end)),
    batch() {},
    failed(reason) {
      throw new Error(reason);
    },
  };
  const wire = new wires[name]({ userId: "alice", token: "", channels: ["topic"], sends: false }, host);
  wire.open();
  return { wire, heard, readies: () => readies };
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
});
