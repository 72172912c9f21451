import { PresenceState } from "../../gen/aldis/v1/presence.js";
import { Calls, type CallStart } from "../../src/client/connection/calls.js";
import { MemoryChannelLog } from "../../src/server/engine/embedded/memory-channel-log.js";
import { MemoryRetryMemory } from "../../src/server/engine/embedded/memory-retry-memory.js";
import type { LogPosition } from "../../src/server/engine/ports/channel-log.js";
import type { EventEntry } from "../../src/server/event-entry.js";
import { Hub } from "../../src/server/fanout/hub.js";
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

/** For each guarantee, at least one way to break it. */
export const mutants: readonly Mutant[] = [
  new Mutant("peer-order", "an event overtakes the one before it", () =>
    replaceMethod<OpenOutbox>(Outbox, "pushEvent", (original) =>
      function (...parameters) {
        original.apply(this, parameters);
        const [last, before] = [this.entries.at(-1), this.entries.at(-2)];
        if (this.entries.length - this.next >= 2) this.entries.splice(-2, 2, last, before);
      },
    ),
  ),
  new Mutant("channel-order", "a sender is told the place before that of its message", () =>
    replaceMethod(MemoryChannelLog, "append", (original) =>
      async function (...parameters) {
        const { epoch, offset } = (await original.apply(this, parameters)) as LogPosition;
        return { epoch, offset: offset - 1 };
      },
    ),
  ),
  new Mutant("no-silent-loss", "a lost link loses what was not acknowledged", () =>
    replaceMethod<OpenOutbox>(Outbox, "detach", (original) =>
      function (...parameters) {
        original.apply(this, parameters);
        this.entries.length = 0;
        [this.next, this.bytes, this.events] = [0, 0, 0];
      },
    ),
  ),
  new Mutant("no-duplicate", "a retry counts again", () =>
    replaceMethod(MemoryRetryMemory, "once", () => (_key: string, task: () => unknown) => task()),
  ),
  new Mutant("true-receipt", "what is queued counts as acknowledged", () =>
    replaceMethod(Outbox, "pushEvent", (original: (entry: EventEntry) => unknown) =>
      function (this: unknown, entry: EventEntry, settled?: (fate: Fate) => void) {
        original.call(this, entry);
        settled?.("acknowledged");
      },
    ),
  ),
  new Mutant("one-session", "a newer login leaves the older session alone", () =>
    replaceMethod(Sessions, "endReplaced", () => async () => {}),
  ),
  new Mutant("presence-bound", "a vanished user stays online", () => replaceMethod(Sessions, "showAway", () => async () => {})),
  new Mutant("presence-bound", "a short break shows others a leave", () =>
    replaceMethod(Sessions, "showAway", (original: (session: Session, presence: PresenceState) => unknown) =>
      function (this: unknown, session: Session) {
        return original.call(this, session, PresenceState.OFFLINE);
      },
    ),
  ),
  new Mutant("isolation", "a token is good for everybody", () =>
    replaceMethod<Login>(Login, "check", () =>
      function (token: string) {
        return this.verify(token);
      },
    ),
  ),
  new Mutant("bounded", "a queue is never full", () => replaceGetter(Outbox, "full", () => false)),
  new Mutant("bounded", "the room of a channel keeps who has left", () => replaceMethod(Hub, "exit", () => () => {})),
  new Mutant("answered-once", "a call waits for ever", () =>
    replaceMethod(Calls, "start", (original: (...parameters: unknown[]) => unknown) =>
      function (this: unknown, operation: unknown, request: unknown, options: CallStart, settle: unknown) {
        original.call(this, operation, request, { ...options, timeoutMs: undefined }, settle);
      },
    ),
  ),
];
