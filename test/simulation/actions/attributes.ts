import { AttributeNotice } from "../../../gen/aldis/v1/attribute.js";
import type { ChannelAttributes } from "../../../src/client/attribute/channel-attributes.js";
import type { UserAttributes } from "../../../src/client/attribute/user-attributes.js";
import type { ChannelWriteOptions } from "../../../src/client/attribute/write-options.js";
import type { SimulatedClient } from "../client.js";
import type { AttributeWish } from "../journal.js";
import type { Action } from "./action.js";

const keys = ["a", "b", "__proto__"];

/** Built-in attributes of channels, with the values that are written now and then: how long they live when it is empty, and a number. */
const builtIns = [
  ["_channel_ttl", "20"],
  ["_auto_update_num", "1"],
] as const;

function newWish(client: SimulatedClient, owner: string): AttributeWish {
  const { random } = client;
  const kind = random.pick(["set", "update", "update", "update", "delete", "clear"] as const);
  const known = client.attributes.revisionOf(owner);
  const expectedRevision = random.chance(0.3) ? (known ?? random.between(0, 3)) : undefined;
  const some = keys.filter(() => random.chance(0.4)).concat(random.pick(keys));
  if (kind === "clear") return { kind, expectedRevision };
  if (kind === "delete") return { kind, keys: some, expectedRevision };
  const values = [...new Set(some)].map((key): [string, string] => [key, client.newMessage()]);
  return { kind, values, expectedRevision };
}

function write(
  attributes: Pick<UserAttributes & ChannelAttributes, "set" | "update" | "delete" | "clear">,
  { kind, values = [], keys: removed = [], expectedRevision }: AttributeWish,
  more: ChannelWriteOptions,
): Promise<number> {
  const options = { ...more, expectedRevision };
  if (kind === "clear") return attributes.clear(options);
  return kind === "delete" ? attributes.delete(removed, options) : attributes[kind](new Map(values), options);
}

/** Writes attributes of its own user. */
export const writeOwnAttributes: Action = {
  name: "writeOwnAttributes",
  run(client) {
    const owner = `user ${client.user}`;
    const wish = newWish(client, owner);
    const run = async () => ({ revision: await write(client.app.attributes, wish, {}) });
    void client.ask({ operation: "writeAttributes", owner, write: wish }, run);
  },
};

/** Writes attributes of a channel, as a member or not, and now and then a built-in one. Its members are told of each change. */
export const writeChannelAttributes: Action = {
  name: "writeChannelAttributes",
  run(client) {
    const channel = client.anyChannel();
    const owner = `channel ${channel.id}`;
    const wish = client.random.chance(0.1)
      ? ({ kind: "update", values: [client.random.pick(builtIns)] } as const)
      : newWish(client, owner);
    const notice = client.random.chance(0.2) ? AttributeNotice.WHOLE_SET : AttributeNotice.CHANGE;
    const run = async () => ({ revision: await write(channel.attributes, wish, { notice }) });
    void client.ask({ operation: "writeAttributes", owner, write: wish }, run);
  },
};

/** Watches the attributes of a user. */
export const watchUser: Action = {
  name: "watchUser",
  run(client, scene) {
    client.attributes.watch(client.random.pick(scene.users));
  },
};

/** Reads the attributes of a user, there or not. */
export const readAttributes: Action = {
  name: "readAttributes",
  run(client, scene) {
    const user = client.random.pick(scene.users);
    void client.ask({ operation: "readAttributes", owner: `user ${user}` }, async () => {
      await client.app.attributes.get(user);
      return {};
    });
  },
};
