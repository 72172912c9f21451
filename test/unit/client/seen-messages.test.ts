import { describe, expect, it } from "vitest";
import { SeenMessages } from "../../../src/client/seen-messages.js";
import { createConnectedClient, peerMessage } from "../../support/scripted-client.js";

describe("messages from peers", () => {
  it("are told once, however often the server sends them", async () => {
    const { client, server } = await createConnectedClient();
    const told: unknown[] = [];
    client.on("peerMessage", ({ messageId, stored }) => told.push([messageId, stored]));

    server.stream.events(peerMessage("one"), peerMessage("one", { stored: true }), peerMessage("two", { stored: true }));

    expect(told).toEqual([
      ["one", false],
      ["two", true],
    ]);
  });

  it("are told each time where the server gives them no id", async () => {
    const { client, server } = await createConnectedClient();
    const told: unknown[] = [];
    client.on("peerMessage", ({ payload }) => told.push(payload.text));

    server.stream.events(peerMessage("one", { messageId: "" }), peerMessage("two", { messageId: "" }));

    expect(told).toEqual(["one", "two"]);
  });
});

describe("SeenMessages", () => {
  it("remembers the latest 1000 ids and no more", () => {
    const seen = new SeenMessages();
    for (let id = 0; id <= 1000; id += 1) seen.add(String(id));

    expect(seen.add("1")).toBe(false);
    expect(seen.add("0")).toBe(true);
  });
});
