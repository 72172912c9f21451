import type { Limits } from "../../../../gen/aldis/v1/tables/limits.js";
import type { StoredAttribute } from "../../engine/ports/attribute-store.js";
import { builtIn } from "./built-in.js";

/** What the built-in attributes of a channel say of it. */
export interface ChannelSettings {
  /** False if nobody is told of single joins and leaves. */
  readonly memberNotices: boolean;
  /** How long the attributes outlive the last member, in milliseconds. */
  readonly emptyAgeMs: number;
  /** The messages of all senders in one window of `oneChannelSends`. Undefined for what the limit says. */
  readonly sends: number | undefined;
  /** The writes a second to each attribute. */
  readonly writes: number;
  /** The time between two updates of the number of members, in milliseconds. 0 for no updates. */
  readonly memberNumberMs: number;
  /** True if the number of all joins so far is updated too. */
  readonly countsJoins: boolean;
}

/** The writes a second to each attribute of a channel that does not say. */
const defaultWrites = 10;

/** The settings of a channel with these attributes. */
export function settingsOf(attributes: ReadonlyMap<string, StoredAttribute>, limits: Limits): ChannelSettings {
  const number = (key: string, whenAbsent: number): number => Number(attributes.get(key)?.value ?? whenAbsent);
  const periodSeconds = number(builtIn.memberNumberPeriod, 0);
  return {
    memberNotices: number(builtIn.memberNotices, 1) !== 0,
    emptyAgeMs: attributes.has(builtIn.emptyAge) ? number(builtIn.emptyAge, 0) * 1000 : limits.emptyChannelAgeMs,
    sends: attributes.has(builtIn.sends) ? number(builtIn.sends, 0) : undefined,
    writes: number(builtIn.writes, defaultWrites),
    memberNumberMs: periodSeconds * 1000,
    countsJoins: periodSeconds > 0 && number(builtIn.totalNumberPeriod, 0) > 0,
  };
}
