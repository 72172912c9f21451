import { setImmediate as nextTurn } from "node:timers/promises";
import { beforeEach, describe, expect, it } from "vitest";
import { type MemoryClientLink, memoryTransport } from "../../../../src/server/edge/memory.js";
import { Frame } from "../../../../src/server/session/frame.js";
import type { Link } from "../../../../src/server/session/link.js";

let heard: string[];
let server: Link;
let client: MemoryClientLink;

const frame = (number: number) => Uint8Array.of(number);
const response = (number: number) => new Frame([frame(number)]);

beforeEach(() => {
  heard = [];
  const transport = memoryTransport((link) => {
    server = link;
    return {
      onFrame: ([number]) => heard.push(`server got ${number}`),
      onClosed: () => heard.push("server closed"),
    };
  });
  client = transport.open({
    onFrame: ([number]) => heard.push(`client got ${number}`),
    onClosed: (problem) => heard.push(`client closed: ${problem}`),
  });
});

describe("the memory edge", () => {
  it("brings frames to the server in order, and never within the call that sends them", async () => {
    client.send(frame(1));
    client.send(frame(2));
    const within = [...heard];
    await nextTurn();

    expect(within).toEqual([]);
    expect(heard).toEqual(["server got 1", "server got 2"]);
  });

  it("brings frames to the client in order, and says that each is written when it has come", async () => {
    server.send(response(1), () => heard.push("written 1"));
    server.send(response(2), () => heard.push("written 2"));
    const within = [...heard];
    await nextTurn();

    expect(within).toEqual([]);
    expect(heard).toEqual(["client got 1", "written 1", "client got 2", "written 2"]);
  });

  it("lets the server send before it has given its listener", async () => {
    const early: unknown[] = [];
    memoryTransport((link) => {
      link.send(response(7), () => {});
      return { onFrame() {}, onClosed() {} };
    }).open({ onFrame: ([number]) => early.push(number), onClosed() {} });
    await nextTurn();

    expect(early).toEqual([7]);
  });

  it.each([
    ["the client", () => client.close()],
    ["the server's end", () => server.end()],
    ["the server's abort", () => server.abort()],
  ])("when %s closes it brings what was sent before, tells both sides once, and brings nothing after", async (_, close) => {
    client.send(frame(1));
    server.send(response(2), () => {});
    close();
    close();
    const within = [...heard];
    client.send(frame(3));
    server.send(response(4), () => heard.push("written 4"));
    await nextTurn();

    expect(within).toEqual([]);
    expect(heard).toEqual(["server got 1", "client got 2", "server closed", "client closed: undefined"]);
  });

  it("takes nothing any more once it is closed", async () => {
    server.abort();
    await nextTurn();
    heard.length = 0;

    client.send(frame(1));
    client.close();
    server.end();
    await nextTurn();

    expect(heard).toEqual([]);
  });
});
