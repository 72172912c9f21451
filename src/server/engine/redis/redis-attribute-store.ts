import type { Limits } from "../../../../gen/aldis/v1/tables/limits.js";
import { type Runtime, randomId } from "../../runtime.js";
import type {
  AttributeOutcome,
  AttributeOwner,
  AttributeStore,
  AttributeTimer,
  AttributeWrite,
  StoredAttributes,
} from "../ports/attribute-store.js";
import { EngineUnavailable } from "../ports/unavailable.js";
import { changeAttributes } from "../shared/attribute-set.js";
import { channelTag, fromChannelTag, fromUserTag, userTag } from "./keys.js";
import { Partitions } from "./partitions.js";
import { listOf, textOf } from "./reply.js";
import type { Runner } from "./runner.js";
import { dropSet, readSet, replaceSet, setAttributeTimer } from "./scripts/attribute-set.js";
import { decodeSet, encodeSet, type StampedSet, timerTexts } from "./stored-set.js";

/** How often a write is tried that others forestall each time. Each failure is the success of another one. */
const maxTries = 100;

export interface RedisAttributeStoreParts {
  readonly runner: Runner;
  readonly runtime: Runtime;
  readonly limits: Limits;
}

/**
 * An attribute store in Redis. What a write makes of a set is decided here, and stored if the set is still the one that it was
 * made of: two round trips, and one more for each write of another node in between.
 */
export class RedisAttributeStore implements AttributeStore {
  readonly #partitions = new Partitions("attributes");

  constructor(private readonly parts: RedisAttributeStoreParts) {}

  async write(owner: AttributeOwner, write: AttributeWrite): Promise<AttributeOutcome> {
    let present = await this.#read(owner);
    for (let tries = 0; tries < maxTries; tries += 1) {
      const outcome = changeAttributes(owner.kind, present.set, write, this.parts.limits);
      if (outcome.kind !== "written" || outcome.after === present.set) return outcome;
      const other = await this.#replace(owner, present, outcome.after);
      if (other === undefined) return outcome;
      present = other;
    }
    throw new EngineUnavailable("too many write the same attributes at the same time");
  }

  async read(owner: AttributeOwner): Promise<StoredAttributes> {
    return (await this.#read(owner)).set;
  }

  async setTimer(owner: AttributeOwner, timer: AttributeTimer, expected: AttributeTimer | undefined): Promise<boolean> {
    const [expectedDue, expectedIdle] = timerTexts(expected);
    const [newDue, newIdle] = timerTexts(timer);
    const text = ownerText(owner);
    const args = { owner: text, expectedDue, expectedIdle, newStamp: this.#newStamp(), newDue, newIdle };
    return (await this.parts.runner.run(setAttributeTimer, this.#tagOf(text), args, { suffix: text })) === 1;
  }

  async due(nowMs: number, limit: number): Promise<{ owner: AttributeOwner; timer: AttributeTimer }[]> {
    const due = await this.#partitions.first(this.parts.runner, "timers", nowMs, limit);
    return due.map(({ member, atMs }) => ({
      owner: ownerOf(member.slice(1)),
      timer: { dueAtMs: atMs, idle: member.startsWith("1") },
    }));
  }

  async drop(owner: AttributeOwner, expected: AttributeTimer | undefined): Promise<boolean> {
    const [expectedDue, expectedIdle] = timerTexts(expected);
    const text = ownerText(owner);
    const args = { owner: text, expectedDue, expectedIdle };
    return (await this.parts.runner.run(dropSet, this.#tagOf(text), args, { suffix: text })) === 1;
  }

  async #read(owner: AttributeOwner): Promise<StampedSet> {
    const text = ownerText(owner);
    return decodeSet(textOf(await this.parts.runner.run(readSet, this.#tagOf(text), {}, { suffix: text })));
  }

  /** Replaces a set. Gives the present one if it is another one. */
  async #replace(owner: AttributeOwner, { stamp }: StampedSet, set: StoredAttributes): Promise<StampedSet | undefined> {
    const [newDue, newIdle] = timerTexts(set.timer);
    const text = ownerText(owner);
    const value = encodeSet({ stamp: this.#newStamp(), set });
    const args = { owner: text, expected: stamp, newDue, newIdle, value };
    const [done, present] = listOf(await this.parts.runner.run(replaceSet, this.#tagOf(text), args, { suffix: text }));
    return done === 1 ? undefined : decodeSet(textOf(present));
  }

  #tagOf(owner: string): string {
    return this.#partitions.tagOf(owner);
  }

  #newStamp(): string {
    return randomId(this.parts.runtime, 72);
  }
}

function ownerText(owner: AttributeOwner): string {
  return owner.kind === "user" ? userTag(owner.key) : channelTag(owner.key);
}

function ownerOf(text: string): AttributeOwner {
  if (text.startsWith("user/")) return { kind: "user", key: fromUserTag(text) };
  return { kind: "channel", key: fromChannelTag(text) };
}
