import { describe, expect, it } from "vitest";
import { ChannelNotice } from "../../../../../gen/aldis/node/v1/node.js";
import { type ChannelNews, channelTopic } from "../../../../../src/server/engine/ports/channel-topic.js";

const { name, kind } = channelTopic({ appId: "app", channel: "room" });
const place = { epoch: "one", offset: 7 };
const stored = (sender: string, content: number) => ({ sender, message: Uint8Array.of(content) });
const bytesOf = (notice: NonNullable<ChannelNotice["notice"]>) => ChannelNotice.encode({ notice }).finish();

describe("the topic of a channel", () => {
  it("has another name for each channel of each app", () => {
    const others = [
      { appId: "app", channel: "hall" },
      { appId: "other", channel: "room" },
      { appId: "ap", channel: "proom" },
    ].map((channel) => channelTopic(channel).name);

    expect(new Set([name, ...others]).size).toBe(4);
  });

  it.each<ChannelNews>([
    { $case: "messages", value: { place, messages: [stored("alice", 1), stored("bob", 2)] } },
    { $case: "memberJoined", value: { channel: "room", userId: "alice" } },
    { $case: "memberLeft", value: { channel: "room", userId: "alice", reason: 1 } },
    { $case: "membersChanged", value: { missed: true } },
    { $case: "attributesWritten", value: { change: undefined, settingsChanged: true } },
  ])("brings $$case to another process as it was", (news) => {
    expect(kind.decode(kind.encode(news))).toEqual({ ok: true, value: news });
  });

  it("brings a message as older versions publish it", () => {
    const bytes = bytesOf({ $case: "publication", value: { ...place, ...stored("alice", 1) } });

    const value = { $case: "messages", value: { place, messages: [stored("alice", 1)] } };
    expect(kind.decode(bytes)).toEqual({ ok: true, value });
  });

  it("has nothing for a notice of a kind that it does not know", () => {
    expect(kind.decode(Uint8Array.of(0x7a, 0x00))).toEqual({ ok: true, value: undefined });
  });

  it("says what is wrong with a notice, or with the messages in it, that cannot be read", () => {
    const cut = Uint8Array.of(0x0a, 0x05, 0x01);
    const cutMessages = bytesOf({ $case: "segment", value: { ...place, messages: cut } });

    for (const bytes of [cut, cutMessages]) {
      expect(kind.decode(bytes)).toEqual({ ok: false, problem: "the message ends inside a field" });
    }
  });
});
