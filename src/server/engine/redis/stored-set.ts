import type { AttributeTimer, StoredAttribute, StoredAttributes } from "../ports/attribute-store.js";
import { noAttributes } from "../shared/attribute-set.js";

/** A set as Redis has it, and the stamp by which it is replaced: "" for no set. */
export interface StampedSet {
  readonly stamp: string;
  readonly set: StoredAttributes;
}

/** The text that stands for a timer: when it is due, "-" for none, and "1" for an idle one. */
export function timerTexts(timer: AttributeTimer | undefined): [due: string, idle: string] {
  return [timer === undefined ? "-" : String(timer.dueAtMs), timer?.idle ? "1" : "0"];
}

export function encodeSet({ stamp, set }: StampedSet): string {
  const pairs = [...set.attributes].map(([key, { value, lastUpdateUser, lastUpdateMs }]) => {
    return [key, value, lastUpdateUser, lastUpdateMs];
  });
  return [stamp, set.revision, ...timerTexts(set.timer), JSON.stringify(pairs)].join(" ");
}

/** The set of which `encodeSet` made the text; the one of an owner who never had an attribute for an empty one. */
export function decodeSet(text: string): StampedSet {
  if (text === "") return { stamp: "", set: noAttributes };
  const [stamp = "", revision, due, idle] = text.split(" ", 4);
  const header = [stamp, revision, due, idle].join(" ").length + 1;
  const pairs: [string, string, string, number][] = JSON.parse(text.slice(header));
  const attributes = new Map(
    pairs.map(([key, value, lastUpdateUser, lastUpdateMs]): [string, StoredAttribute] => {
      return [key, { value, lastUpdateUser, lastUpdateMs }];
    }),
  );
  const timer = due === "-" ? undefined : { dueAtMs: Number(due), idle: idle === "1" };
  return { stamp, set: { attributes, revision: Number(revision), timer } };
}
