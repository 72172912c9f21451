import type { ChannelInfo } from "../../../../gen/aldis/v1/admin_service.js";
import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import type { Engine } from "../../engine/engine.js";
import type { ChannelKey } from "../../engine/ports/keys.js";
import { Refusal, refuse } from "../refusal.js";
import type { AdminHandlers } from "./admin-context.js";
import type { Evictions } from "./evictions.js";
import { markAfter, placeOf, sizeOf } from "./paging.js";

type ChannelOperations = "listChannels" | "getChannel" | "dismissChannel";

/** What an operator sees of channels, and their end. */
export function channelHandlers(engine: Engine, evictions: Evictions): Pick<AdminHandlers, ChannelOperations> {
  async function describe(key: ChannelKey): Promise<ChannelInfo> {
    const [counts, oldest, { attributes }] = await Promise.all([
      engine.channels.counts([key]),
      engine.log.read(key, undefined, { limit: 1 }),
      engine.attributes.read({ kind: "channel", key }),
    ]);
    const [first] = oldest.records;
    // Offsets have no holes, so the ends say how many there are.
    const historyMessages = first === undefined ? 0 : oldest.head.offset - first.offset + 1;
    const [memberCount = 0] = counts;
    return { channel: key.channel, memberCount, head: oldest.head, historyMessages, attributes: attributes.size };
  }

  async function dropAttributes(key: ChannelKey): Promise<void> {
    const owner = { kind: "channel", key } as const;
    const { timer } = await engine.attributes.read(owner);
    // Whoever gives the set another timer meanwhile needs it: a new member, so it stays.
    const ended = { dueAtMs: 0, idle: true };
    if (await engine.attributes.setTimer(owner, ended, timer)) await engine.attributes.drop(owner, ended);
  }

  return {
    async listChannels({ appId, page }) {
      const place = placeOf(page, 1);
      if (place instanceof Refusal) return place;
      const { channels, count } = await engine.channels.list(appId, place?.[0] ?? "", sizeOf(page));
      return {
        channels: await Promise.all(channels.map((channel) => describe({ appId, channel }))),
        nextPageToken: markAfter(page, channels.length, channels.at(-1) ?? ""),
        channelCount: count,
      };
    },

    async getChannel({ appId, channel, page }) {
      const place = placeOf(page, 1);
      if (place instanceof Refusal) return place;
      const info = await describe({ appId, channel });
      if (info.memberCount + info.historyMessages + info.attributes === 0) {
        return refuse(ErrorCode.NOT_FOUND, `nobody is in channel "${channel}", and nothing of it is kept`, {
          field: "channel",
        });
      }
      const skip = Number(place?.[0] ?? 0);
      if (!Number.isSafeInteger(skip) || skip < 0) {
        return refuse(ErrorCode.INVALID_ARGUMENT, "the page token is none", { field: "page.token" });
      }
      const choice = { order: "earliest", skip, limit: sizeOf(page) } as const;
      const { users } = await engine.channels.members({ appId, channel }, choice);
      return { info, members: users, nextPageToken: markAfter(page, users.length, String(skip + users.length)) };
    },

    async dismissChannel({ appId, channel }) {
      const memberCount = await evictions.empty({ appId, channel });
      await engine.log.forget({ appId, channel });
      await dropAttributes({ appId, channel });
      return { memberCount };
    },
  };
}
