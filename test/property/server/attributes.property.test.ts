import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AttributeChangeKind } from "../../../gen/aldis/v1/attribute.js";
import { defaultLimits } from "../../../gen/aldis/v1/tables/limits.js";
import { MemoryAttributeStore } from "../../../src/server/engine/embedded/memory-attribute-store.js";
import { changeOf } from "../../../src/server/feature/attribute/attribute-set.js";
import { AttributeWriter, type Wish } from "../../../src/server/feature/attribute/attribute-writer.js";
import { Refusal } from "../../../src/server/feature/refusal.js";
import { createManualRuntime } from "../../support/manual-runtime.js";

const limits = { ...defaultLimits, attributesPerOwner: 3, userAttributesBytes: 12 };
const owner = { kind: "user", key: { appId: "app", userId: "ada" } } as const;
const { SET, UPDATE, DELETE, CLEAR } = AttributeChangeKind;

const key = fc.constantFrom("a", "b", "é", "__proto__");
const value = fc.constantFrom("1", "22", "ü");
const wish: fc.Arbitrary<Wish> = fc.oneof(
  fc.record({ kind: fc.constantFrom(SET, UPDATE), set: fc.array(fc.tuple(key, value)).map((entries) => new Map(entries)) }),
  fc.record({ kind: fc.constant(DELETE), remove: fc.array(key) }),
  fc.record({ kind: fc.constant(CLEAR) }),
);

/** What a wish makes of values, without any cleverness. */
function naively(values: ReadonlyMap<string, string>, { kind, set = new Map(), remove = [] }: Wish): Map<string, string> {
  const next = new Map(kind === SET || kind === CLEAR ? [] : values);
  for (const [name, text] of set) next.set(name, text);
  for (const name of remove) next.delete(name);
  return next;
}

function fits(values: ReadonlyMap<string, string>): boolean {
  return (
    values.size <= limits.attributesPerOwner && Buffer.byteLength([...values].flat().join("")) <= limits.userAttributesBytes
  );
}

const sorted = (values: ReadonlyMap<string, string>) => [...values].sort();

describe("attributes", () => {
  it("are what a naive model says, and a reader who applies each change has the same, at the same revision", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(wish, { maxLength: 20 }), async (wishes) => {
        const store = new MemoryAttributeStore({ limits });
        const writer = new AttributeWriter(store, createManualRuntime().clock, limits);
        let [model, reader] = [new Map<string, string>(), new Map<string, string>()];
        let revision = 0;

        for (const next of wishes) {
          const wanted = naively(model, next);
          const written = await writer.write(owner, next, { userId: "ada", timer: undefined });
          const changes = JSON.stringify(sorted(wanted)) !== JSON.stringify(sorted(model));
          expect(written instanceof Refusal).toBe(changes && !fits(wanted));
          if (written instanceof Refusal) continue;
          model = wanted;
          revision += changes ? 1 : 0;
          expect(written.after.revision).toBe(revision);
          const change = changeOf(written, false);
          if (change.wholeSet) reader = new Map();
          for (const [name, attribute] of change.attributes) reader.set(name, attribute.value);
          if (change.kind === DELETE) for (const name of change.deletedKeys) reader.delete(name);
        }

        const { attributes } = await store.read(owner);
        expect(sorted(new Map([...attributes].map(([name, stored]) => [name, stored.value])))).toEqual(sorted(model));
        expect(sorted(reader)).toEqual(sorted(model));
      }),
    );
  });
});
