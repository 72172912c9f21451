import type { Presence } from "../../../../gen/aldis/v1/presence.js";
import type { Engine } from "../../engine/engine.js";
import type { Handlers } from "../call-context.js";

/** Who is online. */
export function presenceHandlers(engine: Engine): Pick<Handlers, "queryPresence"> {
  return {
    queryPresence: async ({ user }, { userIds }) => ({ presences: await readPresence(engine, user.appId, userIds) }),
  };
}

/** What others see of users at present, in the order asked. */
export async function readPresence(engine: Engine, appId: string, userIds: readonly string[]): Promise<Presence[]> {
  const records = await engine.sessions.presence(userIds.map((userId) => ({ appId, userId })));
  return records.map((record, i) => ({ userId: userIds[i] ?? "", ...record }));
}
