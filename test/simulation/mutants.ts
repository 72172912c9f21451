import { PresenceState } from "../../gen/aldis/v1/presence.js";
import { type CallStart, Calls } from "../../src/client/connection/calls.js";
import { MemoryAttributeStore } from "../../src/server/engine/embedded/memory-attribute-store.js";
import { MemoryChannelLog } from "../../src/server/engine/embedded/memory-channel-log.js";
import { MemoryRetryMemory } from "../../src/server/engine/embedded/memory-retry-memory.js";
import type { AttributeOutcome } from "../../src/server/engine/ports/attribute-store.js";
import type { LogPosition } from "../../src/server/engine/ports/channel-log.js";
import type { EventEntry } from "../../src/server/event-entry.js";
import { Hub } from "../../src/server/fanout/hub.js";
import { Sequence } from "../../src/server/fanout/sequence.js";
import { AttributeEnds } from "../../src/server/feature/attribute/attribute-ends.js";
import { ChannelAttributes } from "../../src/server/feature/attribute/channel-attributes.js";
import { Invitations } from "../../src/server/feature/invitation/invitations.js";
import type { Fate } from "../../src/server/feature/live-session.js";
import { PresenceSubscriptions } from "../../src/server/feature/presence/presence-subscriptions.js";
import { UserTopics } from "../../src/server/feature/user-topics.js";
import { Login } from "../../src/server/session/login.js";
import { Outbox } from "../../src/server/session/outbox.js";
import { Remains } from "../../src/server/session/remains.js";
import type { Session } from "../../src/server/session/session.js";
import { Sessions } from "../../src/server/session/sessions.js";
import { Mutant, replaceGetter, replaceMethod } from "./mutant.js";

/** An outbox, past what its type hides. */
interface OpenOutbox {
  readonly entries: unknown[];
  readonly direct: unknown[];
  next: number;
  unsent: number;
  bytes: number;
  events: number;
}

/** A sequence, past what its type hides. */
interface OpenSequence {
  release(held: readonly unknown[]): void;
}

type FetchMissing = (this: OpenSequence, held: unknown[]) => void;
type PushEvent = (this: OpenOutbox, entry: EventEntry, settled?: (fate: Fate) => void) => boolean;
type ShowAway = (this: Sessions, session: Session, presence: PresenceState) => Promise<void>;
type Append = (this: MemoryChannelLog, ...parameters: Parameters<MemoryChannelLog["append"]>) => Promise<LogPosition>;
type WriteAttributes = (
  this: MemoryAttributeStore,
  ...parameters: Parameters<MemoryAttributeStore["write"]>
) => Promise<AttributeOutcome>;
type StartCall = (this: Calls, operation: unknown, request: unknown, options: CallStart, settle: unknown) => () => void;

const overtake = (original: PushEvent): PushEvent =>
  function (entry, settled) {
    const taken = original.call(this, entry, settled);
    const { direct, entries, unsent } = this;
    if (direct.length >= 2) direct.splice(-2, 2, direct.at(-1), direct.at(-2));
    if (entries.length - unsent >= 2) entries.splice(-2, 2, entries.at(-1), entries.at(-2));
    return taken;
  };

const settleAtOnce = (original: PushEvent): PushEvent =>
  function (entry, settled) {
    const taken = original.call(this, entry);
    queueMicrotask(() => settled?.("acknowledged"));
    return taken;
  };

const forget = (original: (this: OpenOutbox) => void) =>
  function (this: OpenOutbox) {
    original.call(this);
    for (const queue of [this.entries, this.direct]) queue.length = 0;
    [this.next, this.unsent, this.bytes, this.events] = [0, 0, 0, 0];
  };

const tellPlaceBefore = (original: Append): Append =>
  async function (...parameters) {
    const { epoch, offset } = await original.apply(this, parameters);
    return { epoch, offset: offset - 1 };
  };

const ignoreExpectation = (original: WriteAttributes): WriteAttributes =>
  function (owner, write) {
    return original.call(this, owner, { ...write, expectedRevision: undefined });
  };

const forgetOthers = (original: WriteAttributes): WriteAttributes =>
  function (owner, write) {
    return original.call(this, owner, { ...write, replaceAll: true });
  };

const showOffline = (original: ShowAway): ShowAway =>
  function (session) {
    return original.call(this, session, PresenceState.OFFLINE);
  };

const waitForEver = (original: StartCall): StartCall =>
  function (operation, request, options, settle) {
    return original.call(this, operation, request, { ...options, timeoutMs: undefined }, settle);
  };

const handOn = (): FetchMissing =>
  function (held) {
    this.release(held);
  };

const doNothing = () => async () => {};

/** How many nodes there are where a guarantee is broken that others have to keep. */
const severalNodes = 3;

/** For each guarantee, at least one way to break it. */
export const mutants: readonly Mutant[] = [
  new Mutant("peer-order", "an event overtakes the one before it", () => replaceMethod(Outbox, "pushEvent", overtake)),
  new Mutant("channel-order", "a sender is told the place before that of its message", () =>
    replaceMethod(MemoryChannelLog, "append", tellPlaceBefore),
  ),
  new Mutant("no-silent-loss", "a lost link loses what was not acknowledged", () => replaceMethod(Outbox, "detach", forget)),
  new Mutant(
    "no-silent-loss",
    "what the bus has lost is not fetched",
    () => replaceMethod(Sequence, "fetch", handOn),
    severalNodes,
  ),
  new Mutant("no-duplicate", "a retry counts again", () =>
    replaceMethod(MemoryRetryMemory, "once", () => (_key: string, task: () => unknown) => task()),
  ),
  new Mutant("true-receipt", "what is queued counts as acknowledged", () => replaceMethod(Outbox, "pushEvent", settleAtOnce)),
  new Mutant("one-session", "a newer login leaves the older session alone", () =>
    replaceMethod(Sessions, "endReplaced", doNothing),
  ),
  new Mutant("one-outcome", "nobody is told what the other side did", () => replaceMethod(Invitations, "tell", doNothing)),
  new Mutant("one-outcome", "an invitation has no timers", () => replaceMethod(Invitations, "runTimer", doNothing)),
  new Mutant("one-history", "the revision that a writer expects means nothing", () =>
    replaceMethod(MemoryAttributeStore, "write", ignoreExpectation),
  ),
  new Mutant("one-history", "an update of attributes drops the others", () =>
    replaceMethod(MemoryAttributeStore, "write", forgetOthers),
  ),
  new Mutant("one-history", "members are not told of changed attributes", () =>
    replaceMethod(ChannelAttributes, "tell", doNothing),
  ),
  new Mutant("one-history", "nobody looks after what a dead node has left", () =>
    replaceMethod(AttributeEnds, "look", doNothing),
  ),
  new Mutant(
    "one-history",
    "watched users are not read again after a break of the bus",
    () => replaceMethod(UserTopics, "onInterrupted", doNothing),
    severalNodes,
  ),
  new Mutant("presence-bound", "subscribers are not told who came and went", () =>
    replaceMethod(PresenceSubscriptions, "tell", doNothing),
  ),
  new Mutant("presence-bound", "a vanished user stays online", () => replaceMethod(Sessions, "showAway", doNothing)),
  new Mutant("presence-bound", "a short break shows others a leave", () => replaceMethod(Sessions, "showAway", showOffline)),
  new Mutant(
    "presence-bound",
    "nobody clears what a fallen node has left",
    () => replaceMethod(Remains, "clear", doNothing),
    severalNodes,
  ),
  new Mutant("isolation", "a token is good for everybody", () =>
    replaceMethod(
      Login,
      "check",
      () =>
        function (this: Login, token: string) {
          return this.verify(token);
        },
    ),
  ),
  new Mutant("bounded", "a queue is never full", () => replaceGetter(Outbox, "full", () => false)),
  new Mutant("bounded", "the room of a channel keeps who has left", () => replaceMethod(Hub, "exit", doNothing)),
  new Mutant("answered-once", "a call waits for ever", () => replaceMethod(Calls, "start", waitForEver)),
];
