import { MembershipState } from "../../../gen/aldis/v1/channel.js";
import type { Channel } from "../../../src/client/channel/channel.js";
import { toPayload } from "../../../src/client/payload.js";
import type { SimulatedClient } from "../client.js";
import type { PlacedMessage } from "../journal.js";
import { messageIn } from "../noted-client.js";
import type { Action } from "./action.js";

/** Joins a channel, mostly one that is not joined yet. */
export const joinChannel: Action = {
  name: "joinChannel",
  run(client) {
    const channel = client.random.chance(0.9) ? client.unjoinedChannel() : client.anyChannel();
    if (channel === undefined) return;
    const receiveOwnMessages = client.random.chance(0.3);
    const exclusive = client.random.chance(0.1);
    const timeoutMs = client.random.chance(0.1) ? client.random.between(1, 400) : undefined;
    if (channel.state === MembershipState.NOT_JOINED) client.willJoin(channel.id, receiveOwnMessages);
    const run = async () => {
      const { position } = await channel.join({
        receiveOwnMessages,
        exclusive,
        timeoutMs,
        includeMembers: client.random.chance(0.5),
      });
      return { position };
    };
    void client.ask({ operation: "join", channel: channel.id }, run, timeoutMs);
  },
};

/** Leaves a channel that is joined, or now and then one that is not. */
export const leaveChannel: Action = {
  name: "leaveChannel",
  run(client) {
    const channel = client.random.chance(0.1) ? client.anyChannel() : client.joinedChannel();
    if (channel === undefined) return;
    void client.ask({ operation: "leave", channel: channel.id }, async () => {
      await channel.leave();
      return {};
    });
  },
};

function send(client: SimulatedClient, channel: Channel, message: string, clientMessageId = `id-${message}`): void {
  const padding = client.random.chance(0.05) ? client.random.between(1_000, 30_000) : client.random.between(0, 40);
  const payload = `${message} ${"x".repeat(padding)}`;
  const plain = client.random.chance(0.7);
  const run = async () => {
    const request = { channel: channel.id, payload: toPayload(payload), clientMessageId };
    const { position } = plain ? await channel.send(payload) : await client.app.call("sendChannelMessage", request);
    return { position };
  };
  void client.ask({ operation: "sendToChannel", channel: channel.id, message }, run);
}

/** Sends one message to a joined channel, or some in a row. */
export const sendToChannel: Action = {
  name: "sendToChannel",
  run(client) {
    const channel = client.joinedChannel();
    if (channel === undefined) return;
    const count = client.random.chance(0.2) ? client.random.between(2, 30) : 1;
    for (let i = 0; i < count; i += 1) send(client, channel, client.newMessage());
  },
};

/** Sends a message to a channel twice with one client message id. */
export const retryToChannel: Action = {
  name: "retryToChannel",
  run(client, scene) {
    const channel = client.joinedChannel();
    if (channel === undefined) return;
    const message = client.newMessage();
    const request = { channel: channel.id, payload: toPayload(message), clientMessageId: `id-${message}` };
    const once = (): void => {
      const run = async () => ({ position: (await client.app.call("sendChannelMessage", request)).position });
      void client.ask({ operation: "sendToChannel", channel: channel.id, message }, run);
    };
    once();
    scene.later(client.random.between(1, 10_000), once);
  },
};

/** Lists the members of a channel. */
export const listMembers: Action = {
  name: "listMembers",
  run(client) {
    const channel = client.joinedChannel() ?? client.anyChannel();
    void client.ask({ operation: "members", channel: channel.id }, async () => ({
      members: (await channel.members()).members,
    }));
  },
};

/** Reads the history of a channel, forward or backward. */
export const readHistory: Action = {
  name: "readHistory",
  run(client) {
    const channel = client.joinedChannel() ?? client.anyChannel();
    const from = client.random.chance(0.5) ? channel.position : undefined;
    const backward = client.random.chance(0.5);
    void client.ask({ operation: "history", channel: channel.id }, async () => {
      const { messages, head } = await channel.history({ from, backward, max: client.random.between(0, 40) });
      const epoch = head?.epoch ?? "";
      return {
        messages: messages.map(
          ({ payload, sender, offset }): PlacedMessage => ({ epoch, offset, sender, message: messageIn(payload) }),
        ),
      };
    });
  },
};

/** Asks how many members channels have, and whether a user is one of them. */
export const countMembers: Action = {
  name: "countMembers",
  run(client, scene) {
    const channel = client.anyChannel().id;
    void client.ask({ operation: "counts", about: channel }, async () => {
      await client.app.memberCounts([channel, "empty"]);
      return {};
    });
    void client.ask({ operation: "counts", about: channel }, async () => {
      await client.app.isMember(channel, client.random.pick(scene.users));
      return {};
    });
  },
};
