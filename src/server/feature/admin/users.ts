import type { Ban } from "../../../../gen/aldis/v1/admin_service.js";
import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import type { Engine } from "../../engine/engine.js";
import type { StoredBan } from "../../engine/ports/ban-list.js";
import type { Clock } from "../../runtime.js";
import { Refusal, refuse } from "../refusal.js";
import type { TraceRecorder } from "../trace.js";
import type { AdminHandlers } from "./admin-context.js";
import type { Evictions } from "./evictions.js";
import { markAfter, placeOf, sizeOf } from "./paging.js";

type UserOperations = "kickUser" | "banUser" | "unbanUser" | "listBans";

/** Keeping users out, for a moment or for longer. */
export function userHandlers(
  engine: Engine,
  evictions: Evictions,
  trace: TraceRecorder,
  clock: Clock,
): Pick<AdminHandlers, UserOperations> {
  return {
    async kickUser({ appId, userId, channel }) {
      trace.note({ kind: "user", appId, id: userId }, `an operator kicks the user out of ${placeName(channel)}`);
      const wasPresent = await evictions.evict({ appId, userId }, channel, "kicked");
      return wasPresent instanceof Refusal ? wasPresent : { wasPresent };
    },

    async banUser({ appId, userId, channel, untilMs, note }) {
      const nowMs = clock.now();
      if (untilMs !== 0 && untilMs <= nowMs) {
        return refuse(ErrorCode.INVALID_ARGUMENT, "until_ms must be in the future, or 0 for ever", { field: "until_ms" });
      }
      const user = { appId, userId };
      const ban = { user, channel, untilMs, note, setAtMs: nowMs };
      trace.note({ kind: "user", appId, id: userId }, `an operator bans the user from ${placeName(channel)}`);
      // Whoever comes in from now on meets the ban; whoever came in before is found.
      await engine.bans.set(ban);
      const evicted = await evictions.evict(user, channel, "banned");
      return evicted instanceof Refusal ? evicted : { ban: told(ban) };
    },

    async unbanUser({ appId, userId, channel }) {
      return { wasBanned: await engine.bans.remove({ appId, userId }, channel) };
    },

    async listBans({ appId, page }) {
      const place = placeOf(page, 2);
      if (place instanceof Refusal) return place;
      const [userId = "", channel = ""] = place ?? [];
      const after = place && { userId, channel };
      const bans = await engine.bans.list(appId, clock.now(), after, sizeOf(page));
      const last = bans.at(-1);
      return {
        bans: bans.map(told),
        nextPageToken: markAfter(page, bans.length, last?.user.userId ?? "", last?.channel ?? ""),
      };
    },
  };
}

function placeName(channel: string): string {
  return channel === "" ? "the server" : `channel "${channel}"`;
}

function told({ user, channel, untilMs, note, setAtMs }: StoredBan): Ban {
  return { userId: user.userId, channel, untilMs, note, setAtMs };
}
