import type { Limits } from "../../../../gen/aldis/v1/tables/limits.js";
import type { Clock } from "../../runtime.js";
import type { LogPosition } from "../ports/channel-log.js";
import { type ChannelKey, keyText } from "../ports/keys.js";
import { AgeingMap } from "./ageing-map.js";

/** The most places kept, about 30 MB: more messages than that within `retryMemoryMs` shorten the memory for all. */
const maxPlaces = 100_000;

/** The places of messages that may be sent again, by the name that the tries have in common. */
export class AppendOnce {
  readonly #places: AgeingMap<Promise<LogPosition>>;

  constructor({ clock, limits }: { clock: Clock; limits: Limits }) {
    this.#places = new AgeingMap(clock, { ageMs: limits.retryMemoryMs, maxEntries: maxPlaces });
  }

  /** Appends, unless that was done under the same name. What fails is forgotten. */
  run({ appId, channel }: ChannelKey, once: string | undefined, append: () => Promise<LogPosition>): Promise<LogPosition> {
    if (once === undefined) return append();
    const key = keyText(keyText(appId, channel), once);
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    const place = append();
    this.#places.set(key, place);
    place.catch(() => this.#places.delete(key));
    return place;
  }

  /** Frees the memory of places that have expired. */
  sweep(): void {
    this.#places.sweep();
  }
}
