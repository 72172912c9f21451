// What a room needs, where the channel has no attributes and its log has nothing that the bus does not bring.
import { defaultLimits } from "../../gen/aldis/v1/tables/limits.js";
import type { Bus } from "../../src/server/engine/ports/bus.js";
import type { RoomServices } from "../../src/server/fanout/room.js";
import { settingsOf } from "../../src/server/feature/attribute/channel-settings.js";

export function roomServices(bus: Bus, report: (failure: unknown) => void): RoomServices {
  const head = { epoch: "one", offset: 0 };
  return {
    bus,
    log: { head: async () => head, read: async () => ({ records: [], head, more: false, gap: false }) },
    limits: defaultLimits,
    unfinished: { run: async (task) => void (await task()) },
    report,
    readAttributes: async () => ({ attributes: new Map(), revision: 0 }),
    settingsOf: ({ attributes }) => settingsOf(attributes, defaultLimits),
    onMembersChanged: () => {},
  };
}
