import type { Clock } from "../runtime.js";

/** Something that sends what waits in it when its time has come. It must not throw. */
export interface Flushable {
  flushDue(): void;
}

/** Something that has what cannot wait. It must not throw. */
export interface Urgent {
  flushNow(): void;
}

export interface FlusherObserver {
  /** Channel traffic of one session was sent after it had waited for a time. */
  onFlush(waitedMs: number): void;
}

/** Those whose time comes together. */
interface Round {
  readonly plannedAtMs: number;
  readonly members: Flushable[];
  /** How many of them have had their turn. */
  flushed: number;
}

/** Times are counted in steps of this length, in milliseconds, so that one timer serves all whose time comes in one step. */
const stepMs = 2;

/**
 * The flushes after which other work has its turn: about a fifth of a millisecond's worth. Node writes to the sockets between two slices,
 * so members read while the next slice is prepared, and what a flush has touched is still in the processor's caches.
 */
const sliceFlushes = 8;

/**
 * Says when channel traffic is sent: in the same turn of the event loop on an idle node, later on a busy one, so that more goes
 * with each write. A broadcast to many is sent in slices, so it does not keep other work waiting.
 */
export class Flusher {
  /** Those that wait for a time, by its step. */
  private readonly steps = new Map<number, Round>();
  /** Those whose time has come, first come first served. */
  private readonly due: Round[] = [];
  /** The round of this turn of the event loop. */
  private turn: Round | undefined;
  private running = false;
  private urgent: Urgent[] = [];

  constructor(
    private readonly load: { readonly busy: boolean },
    private readonly clock: Clock,
    private readonly observer: FlusherObserver,
  ) {}

  /** Plans one flush, after at most the given time: 0 for as soon as possible. */
  plan(member: Flushable, maxDelayMs: number): void {
    const nowMs = this.clock.monotonic();
    const step = Math.floor((nowMs + (this.load.busy ? maxDelayMs : 0)) / stepMs);
    const round = step * stepMs > nowMs ? this.roundAt(step, nowMs) : this.roundOfTurn(nowMs);
    round.members.push(member);
  }

  /**
   * Flushes once, when what is going on has been done: answers that the store gives together go out together. Nobody's channel traffic
   * comes before it.
   */
  hurry(member: Urgent): void {
    if (this.urgent.push(member) > 1) return;
    queueMicrotask(() => {
      const members = this.urgent;
      this.urgent = [];
      for (const each of members) each.flushNow();
    });
  }

  private roundAt(step: number, nowMs: number): Round {
    const open = this.steps.get(step);
    if (open !== undefined) return open;
    const round: Round = { plannedAtMs: nowMs, members: [], flushed: 0 };
    this.steps.set(step, round);
    this.clock.after(step * stepMs - nowMs, () => {
      this.steps.delete(step);
      this.add(round);
    });
    return round;
  }

  private roundOfTurn(nowMs: number): Round {
    if (this.turn !== undefined) return this.turn;
    const round: Round = { plannedAtMs: nowMs, members: [], flushed: 0 };
    this.turn = round;
    this.add(round);
    return round;
  }

  private add(round: Round): void {
    this.due.push(round);
    if (this.running) return;
    this.running = true;
    this.clock.soon(() => this.runSlice());
  }

  private runSlice(): void {
    this.turn = undefined;
    const nowMs = this.clock.monotonic();
    let left = sliceFlushes;
    for (let round = this.due[0]; round !== undefined && left > 0; round = this.due[0]) {
      const slice = round.members.slice(round.flushed, round.flushed + left);
      left -= slice.length;
      round.flushed += slice.length;
      if (round.flushed === round.members.length) this.due.shift();
      for (const member of slice) {
        member.flushDue();
        this.observer.onFlush(nowMs - round.plannedAtMs);
      }
    }
    this.running = this.due.length > 0;
    if (this.running) this.clock.soon(() => this.runSlice());
  }
}
