import { testToken } from "../../support/test-node.js";
import type { Action } from "./action.js";

/** Asks who is online. */
export const queryPresence: Action = {
  name: "queryPresence",
  run(client, scene) {
    const users = scene.users.filter(() => client.random.chance(0.7)).concat(client.user);
    void client.ask({ operation: "presence", users }, async () => ({ presences: await client.app.queryPresence(users) }));
  },
};

/** Subscribes to the presence of some users. */
export const subscribe: Action = {
  name: "subscribe",
  run(client, scene) {
    const users = scene.users.filter(() => client.random.chance(0.5)).concat(client.random.pick(scene.users));
    for (const user of users) client.unwanted.delete(user);
    void client.ask({ operation: "subscribe", users }, async () => {
      const presences = await client.app.presence.subscribe(users);
      for (const presence of presences) client.learnPresence(presence);
      return {};
    });
  },
};

/** Ends a subscription, there or not. From the moment of asking the application does not care any more. */
export const unsubscribe: Action = {
  name: "unsubscribe",
  run(client, scene) {
    const user = client.random.pick(scene.users);
    client.unwanted.add(user);
    client.presences.delete(user);
    void client.ask({ operation: "unsubscribe", users: [user] }, async () => {
      await client.app.presence.unsubscribe([user]);
      return {};
    });
  },
};

/** Goes on with a new token, or tries to with a bad one. */
export const renewToken: Action = {
  name: "renewToken",
  run(client, scene) {
    const goodFor = client.random.pick([20_000, 60_000, 0]);
    const good = testToken(client.user, goodFor === 0 ? 0 : scene.clock.now() + goodFor);
    const token = client.random.pick([good, good, testToken(client.random.pick(scene.users)), "rubbish"]);
    void client.ask({ operation: "renewToken" }, async () => {
      await client.app.renewToken(token);
      return {};
    });
  },
};

/** Logs out. The client logs in again some time later. */
export const logout: Action = {
  name: "logout",
  run(client) {
    void client.logOut();
  },
};
