import type { BanList, StoredBan } from "../ports/ban-list.js";
import type { UserKey } from "../ports/keys.js";
import { type BanPlace, decodeBanEntry, encodeBanEntry, entryOfApp } from "./ban-entry.js";
import { userTag } from "./keys.js";
import { Partitions } from "./partitions.js";
import { bytesOf, listOf, numberOf, textOf } from "./reply.js";
import type { Runner } from "./runner.js";
import type { Reply } from "./script.js";
import { findBan, listBans, removeBan, setBan } from "./scripts/bans.js";

/** Bans in Redis, each in the part of its user. One round trip for each call; `list` asks each part. */
export class RedisBanList implements BanList {
  readonly #runner: Runner;
  readonly #partitions = new Partitions("bans");

  constructor({ runner }: { runner: Runner }) {
    this.#runner = runner;
  }

  async set({ user, channel, untilMs, note, setAtMs }: StoredBan): Promise<void> {
    const args = { entry: encodeBanEntry({ ...user, channel }), untilMs, setAt: setAtMs, note };
    await this.#runner.run(setBan, this.#tagOf(user), args);
  }

  async remove(user: UserKey, channel: string): Promise<boolean> {
    return (await this.#runner.run(removeBan, this.#tagOf(user), { entry: encodeBanEntry({ ...user, channel }) })) === 1;
  }

  async find(user: UserKey, channel: string, nowMs: number): Promise<StoredBan | undefined> {
    const places = (channel === "" ? [""] : ["", channel]).map((one) => ({ ...user, channel: one }));
    const more = { rest: places.map(encodeBanEntry) };
    const [index, ...fields] = listOf(await this.#runner.run(findBan, this.#tagOf(user), { at: nowMs }, more));
    const place = index === undefined ? undefined : places[numberOf(index) - 1];
    return place && banOf(place, fields);
  }

  async list(
    appId: string,
    nowMs: number,
    after: { userId: string; channel: string } | undefined,
    limit: number,
  ): Promise<StoredBan[]> {
    const first = Buffer.from("[");
    const behind = Buffer.from("(");
    const from =
      after === undefined
        ? Buffer.concat([first, entryOfApp(appId)])
        : Buffer.concat([behind, encodeBanEntry({ appId, ...after })]);
    const to = Buffer.concat([behind, entryOfApp(appId), Buffer.from([0xff])]);
    const args = { at: nowMs, from, to, limit };
    const replies = await Promise.all(this.#partitions.tags.map((tag) => this.#runner.run(listBans, tag, args)));
    const found = replies.flatMap(listOf).map((reply) => {
      const [entry, ...fields] = listOf(reply);
      return { entry: Buffer.from(bytesOf(entry)), fields };
    });
    const sorted = found.sort((one, other) => Buffer.compare(one.entry, other.entry)).slice(0, limit);
    return sorted.map(({ entry, fields }) => banOf(decodeBanEntry(appId, entry), fields));
  }

  #tagOf(user: UserKey): string {
    return this.#partitions.tagOf(userTag(user));
  }
}

function banOf({ appId, userId, channel }: BanPlace, [untilMs, setAt, note]: readonly Reply[]): StoredBan {
  return {
    user: { appId, userId },
    channel,
    untilMs: numberOf(untilMs),
    note: textOf(note),
    setAtMs: numberOf(setAt),
  };
}
