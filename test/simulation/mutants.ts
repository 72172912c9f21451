import { PresenceState } from "../../gen/aldis/v1/presence.js";
import { type CallStart, Calls } from "../../src/client/connection/calls.js";
import { MemoryChannelLog } from "../../src/server/engine/embedded/memory-channel-log.js";
import { MemoryRetryMemory } from "../../src/server/engine/embedded/memory-retry-memory.js";
import type { LogPosition } from "../../src/server/engine/ports/channel-log.js";
import type { EventEntry } from "../../src/server/event-entry.js";
import { Hub } from "../../src/server/fanout/hub.js";
import { Invitations } from "../../src/server/feature/invitation/invitations.js";
import type { Fate } from "../../src/server/feature/live-session.js";
import { Login } from "../../src/server/session/login.js";
import { Outbox } from "../../src/server/session/outbox.js";
import type { Session } from "../../src/server/session/session.js";
import { Sessions } from "../../src/server/session/sessions.js";
import { Mutant, replaceGetter, replaceMethod } from "./mutant.js";

/** An outbox, past what its type hides. */
interface OpenOutbox {
  entries: unknown[];
  next: number;
  bytes: number;
  events: number;
}

type PushEvent = (this: OpenOutbox, entry: EventEntry, settled?: (fate: Fate) => void) => void;
type ShowAway = (this: Sessions, session: Session, presence: PresenceState) => Promise<void>;
type Append = (this: MemoryChannelLog, ...parameters: Parameters<MemoryChannelLog["append"]>) => Promise<LogPosition>;
type StartCall = (this: Calls, operation: unknown, request: unknown, options: CallStart, settle: unknown) => void;

const overtake = (original: PushEvent): PushEvent =>
  function (entry, settled) {
    original.call(this, entry, settled);
    const [last, before] = [this.entries.at(-1), this.entries.at(-2)];
    if (this.entries.length - this.next >= 2) this.entries.splice(-2, 2, last, before);
  };

const settleAtOnce = (original: PushEvent): PushEvent =>
  function (entry, settled) {
    original.call(this, entry);
    settled?.("acknowledged");
  };

const forget = (original: (this: OpenOutbox) => void) =>
  function (this: OpenOutbox) {
    original.call(this);
    this.entries.length = 0;
    [this.next, this.bytes, this.events] = [0, 0, 0];
  };

const tellPlaceBefore = (original: Append): Append =>
  async function (...parameters) {
    const { epoch, offset } = await original.apply(this, parameters);
    return { epoch, offset: offset - 1 };
  };

const showOffline = (original: ShowAway): ShowAway =>
  function (session) {
    return original.call(this, session, PresenceState.OFFLINE);
  };

const waitForEver = (original: StartCall): StartCall =>
  function (operation, request, options, settle) {
    original.call(this, operation, request, { ...options, timeoutMs: undefined }, settle);
  };

const doNothing = () => async () => {};

/** For each guarantee, at least one way to break it. */
export const mutants: readonly Mutant[] = [
  new Mutant("peer-order", "an event overtakes the one before it", () => replaceMethod(Outbox, "pushEvent", overtake)),
  new Mutant("channel-order", "a sender is told the place before that of its message", () =>
    replaceMethod(MemoryChannelLog, "append", tellPlaceBefore),
  ),
  new Mutant("no-silent-loss", "a lost link loses what was not acknowledged", () => replaceMethod(Outbox, "detach", forget)),
  new Mutant("no-duplicate", "a retry counts again", () =>
    replaceMethod(MemoryRetryMemory, "once", () => (_key: string, task: () => unknown) => task()),
  ),
  new Mutant("true-receipt", "what is queued counts as acknowledged", () => replaceMethod(Outbox, "pushEvent", settleAtOnce)),
  new Mutant("one-session", "a newer login leaves the older session alone", () =>
    replaceMethod(Sessions, "endReplaced", doNothing),
  ),
  new Mutant("one-outcome", "nobody is told what the other side did", () => replaceMethod(Invitations, "tell", doNothing)),
  new Mutant("one-outcome", "an invitation has no timers", () => replaceMethod(Invitations, "runTimer", doNothing)),
  new Mutant("presence-bound", "a vanished user stays online", () => replaceMethod(Sessions, "showAway", doNothing)),
  new Mutant("presence-bound", "a short break shows others a leave", () => replaceMethod(Sessions, "showAway", showOffline)),
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
