import type { Engine } from "../engine/engine.js";
import type { Handlers } from "./call-context.js";

/** Who is online. */
export function presenceHandlers(engine: Engine): Pick<Handlers, "queryPresence"> {
  return {
    async queryPresence({ user }, { userIds }) {
      const records = await engine.sessions.presence(userIds.map((userId) => ({ appId: user.appId, userId })));
      return { presences: records.map((record, i) => ({ userId: userIds[i] ?? "", ...record })) };
    },
  };
}
