import { keyText } from "../ports/keys.js";
import { listOf, numberOf, textOf } from "./reply.js";
import type { Runner } from "./runner.js";
import { changeIdList, countIdList, readIdList } from "./scripts/id-list.js";

/** The most ids looked at in one round trip, each of which is confirmed. */
const page = 500;

/**
 * Ids of apps in the order of their UTF-8 bytes, for those who list them. It is changed behind that of which it tells, and a
 * change that comes late does nothing, by its stamp: a number that rises with each change of an id. What was missed in a crash
 * is found by whoever lists.
 */
export class IdList {
  constructor(
    private readonly runner: Runner,
    private readonly tag: string,
  ) {}

  /** Nobody need wait for it. */
  setLater(appId: string, id: string, isPresent: boolean, stamp: number): void {
    this.#set(appId, id, isPresent, stamp).catch(() => {});
  }

  /** Confirmed ids of an app behind one ("" for the first), and how many ids of it there are. */
  async list<T>(
    appId: string,
    after: string,
    limit: number,
    confirm: (id: string) => Promise<T | undefined>,
  ): Promise<{ found: T[]; count: number }> {
    const found: T[] = [];
    for (let last = after; ; ) {
      const wanted = Math.min(limit - found.length, page);
      const { ids, count } = await this.#read(appId, last, wanted);
      const confirmed = await Promise.all(ids.map(({ id }) => confirm(id)));
      const stale = ids.filter((_, index) => confirmed[index] === undefined);
      await Promise.all(stale.map(({ id, stamp }) => this.#set(appId, id, false, stamp)));
      found.push(...confirmed.filter((one) => one !== undefined));
      if (found.length >= limit || ids.length < wanted) return { found, count: count - stale.length };
      last = ids.at(-1)?.id ?? last;
    }
  }

  /** The number of ids of all apps. */
  async count(): Promise<number> {
    return numberOf(await this.runner.run(countIdList, this.tag, {}));
  }

  async #read(appId: string, after: string, limit: number) {
    const beginning = keyText(appId, "");
    const [count, ...rest] = listOf(await this.runner.run(readIdList, this.tag, { beginning, after, limit }));
    const ids: { id: string; stamp: number }[] = [];
    for (let place = 0; place < rest.length; place += 2) {
      ids.push({ id: textOf(rest[place]).slice(beginning.length), stamp: numberOf(rest[place + 1]) });
    }
    return { ids, count: numberOf(count) };
  }

  async #set(appId: string, id: string, isPresent: boolean, stamp: number): Promise<void> {
    await this.runner.run(changeIdList, this.tag, { id: keyText(appId, id), stamp, present: isPresent ? 1 : 0 });
  }
}
