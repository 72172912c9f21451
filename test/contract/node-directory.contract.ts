import { describe, expect, it } from "vitest";
import type { NodeDirectory, Renewal } from "../../src/server/engine/ports/node-directory.js";
import { type EngineUnderTest, type MakeEngine, openEngine } from "./engine-under-test.js";

const bytes = (...values: number[]) => Uint8Array.from(values);
const deaf = () => {};

/** Nodes that renew while time passes. */
async function renewFor({ engine, advance }: EngineUnderTest, ms: number, ...alive: string[]): Promise<void> {
  const stepMs = engine.nodes.leaseMs / 10;
  for (let left = ms; left > 0; left -= stepMs) {
    for (const nodeId of alive) await engine.nodes.renew(nodeId);
    await advance(Math.min(left, stepMs));
  }
}

const fallenOf = (renewal: Renewal) => [...renewal.fallen];
const isHeld = async (nodes: NodeDirectory, nodeId: string) => (await nodes.renew(nodeId)).kind === "held";

export function describeNodeDirectory(name: string, makeEngine: MakeEngine): void {
  describeMail(name, makeEngine);
  describeLeases(name, makeEngine);
}

function describeMail(name: string, makeEngine: MakeEngine): void {
  describe(`${name}: node directory, mail`, () => {
    it("brings a node what is sent to it, in order, and nothing else", async () => {
      const { engine, advance } = await openEngine(makeEngine);
      const heard = { a: [] as string[], b: [] as string[] };
      await engine.nodes.enter("a", (message) => heard.a.push(`${[...message]}`));
      await engine.nodes.enter("b", (message) => heard.b.push(`${[...message]}`));

      const sent = await Promise.all([1, 2, 3, 4, 5].map((value) => engine.nodes.send("a", bytes(value))));
      await engine.nodes.send("b", bytes());
      await advance(0);

      expect(sent).toEqual([true, true, true, true, true]);
      expect(heard).toEqual({ a: ["1", "2", "3", "4", "5"], b: [""] });
    });

    it("brings what a node sends to itself, also while it hears something", async () => {
      const { engine, advance } = await openEngine(makeEngine);
      const heard: number[] = [];
      await engine.nodes.enter("a", ([value = -1]) => {
        heard.push(value);
        if (value < 3) void engine.nodes.send("a", bytes(value + 1));
      });

      await engine.nodes.send("a", bytes(1));
      for (let step = 0; step < 3; step += 1) await advance(0);

      expect(heard).toEqual([1, 2, 3]);
    });

    it("says that nobody hears it where there is no such node, or it has left", async () => {
      const { engine, advance } = await openEngine(makeEngine);
      const heard: string[] = [];
      await engine.nodes.enter("a", () => heard.push("a"));
      await engine.nodes.leave("a");

      expect(await engine.nodes.send("a", bytes(1))).toBe(false);
      expect(await engine.nodes.send("never", bytes(1))).toBe(false);
      await advance(0);
      expect(heard).toEqual([]);
    });

    it("begins anew with a node that enters again", async () => {
      const { engine, advance } = await openEngine(makeEngine);
      const heard: string[] = [];
      await engine.nodes.enter("a", () => heard.push("former"));
      await engine.nodes.leave("a");
      await engine.nodes.enter("a", () => heard.push("present"));

      await engine.nodes.send("a", bytes(1));
      await advance(0);

      expect(heard).toEqual(["present"]);
    });

    it("keeps nodes with hostile ids apart", async () => {
      const { engine, advance } = await openEngine(makeEngine);
      const ids = ["__proto__", "*", "a", "a}", "{a", "", "a:in"];
      const heard: string[] = [];
      for (const id of ids) await engine.nodes.enter(id, () => heard.push(id));

      for (const id of ids) await engine.nodes.send(id, bytes(1));
      await advance(0);

      expect(heard.sort()).toEqual(ids.sort());
    });
  });
}

function describeLeases(name: string, makeEngine: MakeEngine): void {
  describe(`${name}: node directory, leases`, () => {
    it("lists the nodes by id, with their silence", async () => {
      const { engine, advance } = await openEngine(makeEngine);
      await engine.nodes.enter("b", deaf);
      await engine.nodes.enter("a", deaf);
      await advance(100);
      await engine.nodes.renew("a");

      const list = await engine.nodes.list();

      expect(list.map(({ nodeId, silentMs }) => [nodeId, silentMs])).toEqual([
        ["a", 0],
        ["b", 100],
      ]);
      const renewal = await engine.nodes.renew("b");
      expect(renewal.kind === "held" && [...renewal.nodes].sort()).toEqual(["a", "b"]);
    });

    it("tells a node that is unknown, or has left, that it is lost", async () => {
      const { nodes } = (await openEngine(makeEngine)).engine;
      await nodes.enter("a", deaf);
      await nodes.leave("a");

      expect(await nodes.renew("a")).toEqual({ kind: "lost", fallen: [] });
      expect(await nodes.renew("never")).toEqual({ kind: "lost", fallen: [] });
    });

    it("lets a silent node fall when its lease is over, and asks one other node to clear what it has left", async () => {
      const test = await openEngine(makeEngine);
      const { nodes } = test.engine;
      if (!Number.isFinite(nodes.leaseMs)) return;
      for (const id of ["a", "b", "c"]) await nodes.enter(id, deaf);
      await renewFor(test, nodes.leaseMs * 2, "a", "b", "c");
      await nodes.renew("c");

      await renewFor(test, nodes.leaseMs * 0.9, "a", "b");
      expect((await nodes.renew("a")).fallen).toEqual([]);
      await test.advance(nodes.leaseMs * 0.1);
      const told = [...fallenOf(await nodes.renew("a")), ...fallenOf(await nodes.renew("b"))];

      expect(told).toEqual(["c"]);
      expect(await nodes.send("c", bytes(1))).toBe(false);
      expect((await nodes.list()).map(({ nodeId }) => nodeId)).toEqual(["a", "b"]);
      expect(await isHeld(nodes, "c")).toBe(false);
      await nodes.forget("c");
    });

    it("asks another node to clear if the first one does not", async () => {
      const test = await openEngine(makeEngine);
      const { nodes } = test.engine;
      if (!Number.isFinite(nodes.leaseMs)) return;
      for (const id of ["a", "b", "c"]) await nodes.enter(id, deaf);
      await renewFor(test, nodes.leaseMs * 2, "a", "b");
      const first = [...fallenOf(await nodes.renew("a")), ...fallenOf(await nodes.renew("b"))];
      await renewFor(test, nodes.leaseMs * 0.5, "a");

      await test.advance(nodes.leaseMs * 0.3);
      const second = fallenOf(await nodes.renew("b"));
      await nodes.forget("c");
      await test.advance(nodes.leaseMs * 0.5);

      expect([...first, ...second]).toContain("c");
      expect(fallenOf(await nodes.renew("b"))).toEqual([]);
    });

    it("does not let a fallen node enter before its remains are cleared", async () => {
      const test = await openEngine(makeEngine);
      const { nodes } = test.engine;
      if (!Number.isFinite(nodes.leaseMs)) return;
      for (const id of ["a", "b"]) await nodes.enter(id, deaf);
      await renewFor(test, nodes.leaseMs * 2.5, "a");
      await nodes.renew("a");

      expect(await nodes.enter("b", deaf)).toBe(false);
      await nodes.forget("b");
      expect(await nodes.enter("b", deaf)).toBe(true);
      expect(await isHeld(nodes, "b")).toBe(true);
    });

    it("lets nobody fall when none of them could renew", async () => {
      const test = await openEngine(makeEngine);
      const { nodes } = test.engine;
      if (!Number.isFinite(nodes.leaseMs)) return;
      for (const id of ["a", "b"]) await nodes.enter(id, deaf);
      await renewFor(test, nodes.leaseMs * 2, "a", "b");

      await test.advance(nodes.leaseMs * 3);
      expect(await nodes.renew("a")).toMatchObject({ kind: "held", fallen: [] });
      await test.advance(nodes.leaseMs * 0.5);
      expect(await nodes.renew("a")).toMatchObject({ kind: "held", fallen: [] });

      expect(await isHeld(nodes, "b")).toBe(true);
    });
  });
}
