import { describe, expect, it } from "vitest";
import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { CallbackQueue } from "../../../src/client/dialect/shared/callback-queue.js";
import { channelMessage, codeOf, createConnectedClient } from "../../support/scripted-client.js";

describe("onSettled of a call", () => {
  it("is called in step with the events of the same batch", async () => {
    const { client, server } = await createConnectedClient();
    const told: string[] = [];
    client.channel("room").on("message", ({ offset }) => told.push(`message ${offset}`));

    const join = client.channel("room").join({ onSettled: () => told.push("joined") });
    const { callId } = server.stream.call("joinChannel");
    const outcome = { $case: "joinChannel" as const, value: { memberCount: 1 } };
    server.stream.batch([channelMessage(1)], [{ callId, afterEvents: 0, outcome }]);
    await join;

    expect(told).toEqual(["joined", "message 1"]);
  });

  it("is called for a call that fails, and for a leave", async () => {
    const { client, server } = await createConnectedClient();
    const told: string[] = [];

    const query = codeOf(client.queryPresence(["bob"], { onSettled: () => told.push("query") }));
    server.stream.fail("queryPresence", { code: ErrorCode.RATE_LIMITED, message: "Wait." });
    const join = client.channel("room").join();
    server.stream.answer("joinChannel", { memberCount: 1 });
    await join;
    const leave = client.channel("room").leave({ onSettled: () => told.push("leave") });
    server.stream.answer("leaveChannel", {});
    await leave;

    expect(await query).toBe("RATE_LIMITED");
    expect(told).toEqual(["query", "leave"]);
  });

  it("lets a queue of callbacks answer a join before an event of the same batch", async () => {
    const { client, server } = await createConnectedClient();
    const queue = new CallbackQueue(() => {});
    const told: string[] = [];
    const channel = client.channel("room");
    channel.on("message", ({ offset }) => queue.tell(() => told.push(`message ${offset}`)));

    const application = async (): Promise<void> => {
      await queue.answer((onSettled) => channel.join({ onSettled }));
      told.push("joined");
    };
    const done = application();
    const { callId } = server.stream.call("joinChannel");
    const outcome = { $case: "joinChannel" as const, value: { memberCount: 1 } };
    server.stream.batch([channelMessage(1)], [{ callId, afterEvents: 0, outcome }]);
    await done;
    await new Promise(process.nextTick);

    expect(told).toEqual(["joined", "message 1"]);
  });
});
