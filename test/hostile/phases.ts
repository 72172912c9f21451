/** What is going on: nothing, the attack, or what an attack that was stopped has left behind. */
export type Phase = "calm" | "attack" | "settling";

/** When what went on, so that each message of honest clients counts for the time in which it was sent. */
export class Phases {
  private readonly entered: { readonly phase: Phase; readonly at: number }[] = [];

  enter(phase: Phase): void {
    this.entered.push({ phase, at: performance.now() });
  }

  isAttack(number: number): boolean {
    return this.entered[number]?.phase === "attack";
  }

  /** The number of the phase at a time, and what it was. Undefined before the first. */
  at(time: number): { readonly phase: Phase; readonly number: number } | undefined {
    const number = this.entered.findLastIndex(({ at }) => at <= time);
    const entry = this.entered[number];
    return entry && { phase: entry.phase, number };
  }
}
