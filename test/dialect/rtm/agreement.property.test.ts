// Whatever an RTM client does, a native client on the other end sees the same, and the other way round.
import type { RtmChannel, RtmClient } from "aldis/rtm";
import fc from "fast-check";
import { expect, it } from "vitest";
import { AttributeNotice } from "../../../gen/aldis/v1/attribute.js";
import { CalleeState } from "../../../gen/aldis/v1/invitation.js";
import type { Limits } from "../../../gen/aldis/v1/tables/limits.js";
import { AldisClient } from "../../../src/client/client.js";
import type { IncomingInvitation } from "../../../src/client/invitation/incoming-invitation.js";
import { memoryTransport } from "../../../src/server/edge/memory.js";
import { testApp, testToken } from "../../support/test-node.js";
import { type ManualWorld, startManualWorld } from "./manual-world.js";

/** One call, by whom it is made. */
type Step =
  | { readonly kind: "peer" | "channel"; readonly by: "rtm" | "native"; readonly text: string }
  | { readonly kind: "user" | "room"; readonly by: "rtm" | "native"; readonly values: Readonly<Record<string, string>> }
  | { readonly kind: "move"; readonly by: "rtm" | "native" };

const by = fc.constantFrom("rtm" as const, "native" as const);
const text = fc.string({ unit: "grapheme", maxLength: 20 });
const values = fc.dictionary(fc.constantFrom("a", "b", "__proto__"), fc.string({ minLength: 1, maxLength: 5 }), { minKeys: 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constantFrom("peer" as const, "channel" as const), by, text }),
  fc.record({ kind: fc.constantFrom("user" as const, "room" as const), by, values }),
  fc.record({ kind: fc.constant("move" as const), by }),
);

class Ends {
  /** What each side has heard, in the same words. */
  readonly heard = { rtm: [] as string[], native: [] as string[] };
  /** What each side should have heard. */
  readonly expected = { rtm: [] as string[], native: [] as string[] };
  /** Who is in the channel. */
  readonly inside = { rtm: false, native: false };
  readonly #world: ManualWorld;
  readonly #rtm: RtmClient;
  readonly #room: RtmChannel;
  readonly #native: AldisClient;

  constructor(world: ManualWorld, rtm: RtmClient, native: AldisClient) {
    this.#world = world;
    this.#rtm = rtm;
    this.#native = native;
    this.#room = rtm.createChannel("room");
    const { heard } = this;
    rtm.on("MessageFromPeer", (message, peer) => heard.rtm.push(`peer ${peer} ${message.text}`));
    this.#room.on("ChannelMessage", (message, member) => heard.rtm.push(`channel ${member} ${message.text}`));
    this.#room.on("MemberJoined", (member) => heard.rtm.push(`joined ${member}`));
    this.#room.on("MemberLeft", (member) => heard.rtm.push(`left ${member}`));
    native.on("peerMessage", ({ sender, payload }) => heard.native.push(`peer ${sender} ${payload.text}`));
    const room = native.channel("room");
    room.on("message", ({ sender, payload }) => heard.native.push(`channel ${sender} ${payload.text}`));
    room.on("memberJoined", ({ userId }) => heard.native.push(`joined ${userId}`));
    room.on("memberLeft", ({ userId }) => heard.native.push(`left ${userId}`));
  }

  async run(step: Step): Promise<void> {
    await this.#world.during(step.by === "rtm" ? this.#runRtm(step) : this.#runNative(step));
    // Channel traffic may be held back for a moment, and rates have their windows.
    await this.#world.pass(1_000);
    this.#expect(step);
  }

  /** The attributes as each side reads them. */
  async attributes(): Promise<unknown[]> {
    const own = await this.#world.during(this.#rtm.getUserAttributes("rtm"));
    const room = await this.#world.during(this.#rtm.getChannelAttributes("room"));
    const nativeOwn = await this.#world.during(this.#native.attributes.get("rtm"));
    const nativeRoom = await this.#world.during(this.#native.channel("room").attributes.get());
    const toText = (entries: Iterable<[string, { value: string }]>) =>
      [...entries].map(([key, { value }]) => `${key}=${value}`).sort();
    return [
      [toText(Object.entries(own).map(([key, value]) => [key, { value }])), toText(Object.entries(room))],
      [toText(nativeOwn.attributes), toText(nativeRoom.attributes)],
    ];
  }

  #expect({ kind, by, ...step }: Step): void {
    const other = by === "rtm" ? "native" : "rtm";
    if (kind === "peer" && "text" in step) this.expected[other].push(`peer ${by} ${step.text}`);
    if (kind === "channel" && "text" in step && this.inside[by] && this.inside[other]) {
      this.expected[other].push(`channel ${by} ${step.text}`);
    }
    if (kind !== "move") return;
    this.inside[by] = !this.inside[by];
    if (this.inside[other]) this.expected[other].push(`${this.inside[by] ? "joined" : "left"} ${by}`);
  }

  async #runRtm(step: Step): Promise<void> {
    switch (step.kind) {
      case "peer":
        expect(await this.#rtm.sendMessageToPeer({ text: step.text }, "native")).toMatchObject({ hasPeerReceived: true });
        break;
      case "channel":
        if (this.inside.rtm) await this.#room.sendMessage({ text: step.text });
        break;
      case "user":
        await this.#rtm.addOrUpdateLocalUserAttributes(step.values);
        break;
      case "room":
        await this.#rtm.addOrUpdateChannelAttributes("room", step.values, { enableNotificationToChannelMembers: true });
        break;
      case "move":
        await (this.inside.rtm ? this.#room.leave() : this.#room.join());
    }
  }

  async #runNative(step: Step): Promise<void> {
    const room = this.#native.channel("room");
    switch (step.kind) {
      case "peer":
        await this.#native.sendToPeer("rtm", step.text);
        break;
      case "channel":
        if (this.inside.native) await room.send(step.text);
        break;
      case "user":
        await this.#native.attributes.update(step.values);
        break;
      case "room":
        await room.attributes.update(step.values, { notice: AttributeNotice.CHANGE });
        break;
      case "move":
        await (this.inside.native ? room.leave() : room.join());
    }
  }
}

async function startUsers(limits: Partial<Limits>) {
  const world = await startManualWorld(limits);
  const { client: rtm } = await world.login("rtm");
  let ids = 0;
  const native = new AldisClient({
    appId: testApp,
    userId: "native",
    token: testToken("native"),
    transport: memoryTransport(world.node.node.accept),
    runtime: { clock: world.node.runtime.clock, random: () => 0.5, randomId: () => `native-${++ids}` },
  });
  await world.during(native.login());
  return { world, rtm, native };
}

it("R-C04 R-C06 R-C07 R-C08 an RTM client and a native one agree on what happened, and on the attributes", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const { world, rtm, native } = await startUsers({ sameChannelJoins: 1_000 });
      const ends = new Ends(world, rtm, native);

      for (const one of steps) await ends.run(one);

      expect(ends.heard).toEqual(ends.expected);
      const [byRtm, byNative] = await ends.attributes();
      expect(byRtm).toEqual(byNative);
    }),
    { numRuns: 60 },
  );
});

/** What the native callee does, or the RTM caller. */
const callStep = fc.constantFrom("accept" as const, "refuse" as const, "cancel" as const, "end" as const, "send" as const);

/** What the caller of RTM shows for what the native callee shows. */
const shownTo: Readonly<Record<CalleeState, string>> = {
  [CalleeState.UNSPECIFIED]: "IDLE",
  [CalleeState.INVITATION_RECEIVED]: "RECEIVED_BY_REMOTE",
  [CalleeState.ACCEPT_SENT_TO_LOCAL]: "ACCEPTED_BY_REMOTE",
  [CalleeState.REFUSED]: "REFUSED_BY_REMOTE",
  [CalleeState.ACCEPTED]: "ACCEPTED_BY_REMOTE",
  [CalleeState.CANCELED]: "CANCELED",
  [CalleeState.FAILURE]: "FAILURE",
};

it("R-E12 R-C12 R-C13 R-C14 R-E16 an RTM caller and a native callee agree on a call, whoever does what in which order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(callStep, { maxLength: 6 }), async (steps) => {
      const { world, rtm, native } = await startUsers({ invitationCalls: 1_000 });
      const calls = rtm.getRtmCallManager();
      const local = calls.createLocalInvitation("native");
      let ringing: IncomingInvitation | undefined;
      native.on("invitation", (invitation) => {
        ringing = invitation;
      });
      const actions = {
        send: () => calls.sendLocalInvitation(local),
        cancel: () => calls.cancelLocalInvitation(local),
        accept: async () => await ringing?.accept("yes"),
        refuse: async () => await ringing?.refuse("no"),
        end: async () => await ringing?.end("bye"),
      };

      for (const step of ["send" as const, ...steps]) {
        // What comes too late fails, and changes nothing.
        await world.during(actions[step]().catch(() => {}));
        await world.pass(100);

        const state = ringing?.state ?? CalleeState.UNSPECIFIED;
        expect(local.state).toBe(shownTo[state]);
        expect(local.response).toBe(ringing?.response);
      }
    }),
    { numRuns: 60 },
  );
});
