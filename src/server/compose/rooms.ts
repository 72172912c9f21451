import type { Limits } from "../../../gen/aldis/v1/tables/limits.js";
import type { Engine } from "../engine/engine.js";
import { CountTeller } from "../fanout/count-teller.js";
import { Hub } from "../fanout/hub.js";
import { PlaceKeeper } from "../fanout/place-keeper.js";
import type { AttributeWriter } from "../feature/attribute/attribute-writer.js";
import { ChannelAttributes } from "../feature/attribute/channel-attributes.js";
import { ChannelLife } from "../feature/attribute/channel-life.js";
import { settingsOf } from "../feature/attribute/channel-settings.js";
import { MemberNumbers } from "../feature/attribute/member-numbers.js";
import type { Unfinished } from "../feature/unfinished.js";
import type { Clock } from "../runtime.js";

/** What the parts below are made of. */
export interface Materials {
  readonly engine: Engine;
  readonly writer: AttributeWriter;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly unfinished: Unfinished;
  readonly report: (failure: unknown) => void;
}

/** The channels of this node's members: who hears what, and the attributes by which the channels behave. */
export function composeRooms({ engine, writer, clock, limits, unfinished, report }: Materials) {
  const attributes = new ChannelAttributes(engine, writer, clock, limits);
  const numbers = new MemberNumbers(engine, attributes, clock, limits, report);
  const hub = new Hub({
    bus: engine.bus,
    log: engine.log,
    limits,
    readAttributes: (channel) => attributes.read(channel),
    settingsOf: (stored) => settingsOf(stored.attributes, limits),
    onMembersChanged: (channel, { memberNumberMs }) => {
      if (memberNumberMs > 0) numbers.note(channel, memberNumberMs);
    },
    unfinished,
    report,
  });
  const life = new ChannelLife(engine.attributes, hub, numbers, attributes, limits);
  const places = new PlaceKeeper(hub, engine.log, clock, report);
  const counts = new CountTeller(hub, engine.channels, clock, limits, report);
  return { hub, life, attributes, timed: [places, counts, numbers] };
}
