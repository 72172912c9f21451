// What a room needs, where the channel has no attributes.
import { defaultLimits } from "../../gen/aldis/v1/tables/limits.js";
import type { Bus } from "../../src/server/engine/ports/bus.js";
import type { RoomServices } from "../../src/server/fanout/room.js";
import { settingsOf } from "../../src/server/feature/attribute/channel-settings.js";

export function roomServices(bus: Bus, report: (failure: unknown) => void): RoomServices {
  return { bus, report, readSettings: async () => settingsOf(new Map(), defaultLimits), onMembersChanged: () => {} };
}
