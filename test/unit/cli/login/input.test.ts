import { describe, expect, it } from "vitest";
import { parseInput } from "../../../../src/cli/login/input.js";

const bob = { kind: "user", id: "bob" } as const;
const lobby = { kind: "channel", id: "lobby" } as const;

describe("a line of a conversation", () => {
  it.each([
    ["", { kind: "nothing" }],
    ["   ", { kind: "nothing" }],
    ["/join lobby", { kind: "join", channel: "lobby" }],
    [" /leave   lobby ", { kind: "leave", channel: "lobby" }],
    ["/who lobby", { kind: "who", channel: "lobby" }],
    ["/count lobby", { kind: "count", channel: "lobby" }],
    ["/to bob hello  there", { kind: "send", target: bob, text: "hello  there" }],
    ["/in lobby /to is text here", { kind: "send", target: lobby, text: "/to is text here" }],
    ["/is-online bob carol", { kind: "presence", users: ["bob", "carol"] }],
    ["/call bob", { kind: "call", user: "bob" }],
    ["/accept", { kind: "accept" }],
    ["/refuse", { kind: "refuse" }],
    ["/hangup", { kind: "hangup" }],
    ["/help", { kind: "help" }],
    ["/quit", { kind: "quit" }],
  ])("%j is understood", (line, input) => {
    expect(parseInput(line, undefined)).toEqual(input);
  });

  it("sends plain text to the last target", () => {
    expect(parseInput("hello", lobby)).toEqual({ kind: "send", target: lobby, text: "hello" });
  });

  it.each([
    ["hello", "Say where the text goes first: /to USER text, /in CHANNEL text or /join CHANNEL."],
    ["/join", "It goes like this: /join CHANNEL"],
    ["/join a b", "It goes like this: /join CHANNEL"],
    ["/to bob", "It goes like this: /to USER text"],
    ["/in", "It goes like this: /in CHANNEL text"],
    ["/is-online", "It goes like this: /is-online USER..."],
    ["/call", "It goes like this: /call USER"],
    ["/call bob carol", "It goes like this: /call USER"],
    ["/dance", "There is no /dance; try /help."],
    ["/constructor", "There is no /constructor; try /help."],
  ])("%j is answered with what to type", (line, message) => {
    expect(parseInput(line, undefined)).toEqual({ kind: "mistake", message });
  });
});
