// Users who try to have more of everything than there is room for.
import { SetUserAttributesRequest, UpdateChannelAttributesRequest } from "../../../gen/aldis/v1/attribute.js";
import { SubscribePresenceRequest } from "../../../gen/aldis/v1/presence.js";
import type { Call } from "../../../gen/aldis/v1/stream.js";
import { join, leave, toPeer } from "../../support/requests.js";
import type { Target } from "../target.js";
import { logIn } from "../wire/grpc-connection.js";
import { type Attack, repeat } from "./attack.js";

type Request = NonNullable<Call["request"]>;

/** A user who calls something as fast as answers come, several at a time, with another name each time. */
function greedy(name: string, about: string, users: number, make: (target: Target, count: number) => Request[]): Attack {
  const run = async (target: Target) => {
    let count = 0;
    await repeat(target, users, async () => {
      const user = await logIn(target);
      while (user !== undefined && !user.stream.over && !target.over) {
        count += 1;
        await Promise.all(make(target, count).map((request) => user.stream.ask(request)));
      }
      user?.connection.leave();
    });
  };
  return { name, about, run };
}

/** Joins of ever new channels, each left at once. */
export const manyChannels = greedy("many-channels", "joins of ever new channels", 16, (_, count) => {
  const names = Array.from({ length: 30 }, (_, index) => `channel-${count}-${index}`);
  return [...names.map((channel) => join(channel)), ...names.slice(0, 5).map((channel) => leave(channel))];
});

/** Attributes of oneself and of ever new channels, as many and as large as they can be. */
export const manyAttributes = greedy("many-attributes", "attributes of oneself and of ever new channels", 16, (_, count) => {
  const attributes = new Map(Array.from({ length: 40 }, (_, index) => [`key-${count}-${index}`, "x".repeat(400)]));
  const small = new Map([[`key-${count}`, "x".repeat(8000)]]);
  return [
    { $case: "setUserAttributes", value: SetUserAttributesRequest.create({ attributes }) },
    { $case: "setUserAttributes", value: SetUserAttributesRequest.create({ attributes: small }) },
    {
      $case: "updateChannelAttributes",
      value: UpdateChannelAttributesRequest.create({ channel: `channel-${count}`, attributes: small }),
    },
  ];
});

/** Subscriptions to the presence of everybody. */
export const manySubscriptions = greedy("many-subscriptions", "subscriptions to ever more users", 16, (_, count) => {
  const userIds = Array.from({ length: 256 }, (_, index) => `user-${count}-${index}`);
  return [{ $case: "subscribePresence", value: SubscribePresenceRequest.create({ userIds }) }];
});

/** Messages of the largest size for somebody who is away. */
export const inboxFlood = greedy("inbox-flood", "large messages that are stored for users who are away", 2, (_, count) =>
  Array.from({ length: 50 }, () => toPeer(`away-${count % 3}`, "x".repeat(20_000), { storeIfAway: true })),
);
