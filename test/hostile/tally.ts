/** What an attack sent, and what became of it. */
export interface Outcome {
  /** What was sent, in the unit of the attack. */
  readonly sent: number;
  /** What was served like that of anybody. */
  readonly served: number;
  /** How often each typed refusal came: the name of an error, or a gRPC status. */
  readonly refused: Readonly<Record<string, number>>;
  /** Connections and streams that the server ended without a word. */
  readonly cut: number;
  /** What the attack must not have been able to do, in sentences. */
  readonly breaches: readonly string[];
}

/** Counts during an attack. */
export class Tally {
  sent = 0;
  served = 0;
  cut = 0;
  private readonly refusals = new Map<string, number>();
  private readonly breaches = new Set<string>();

  /** True once the server has refused or cut something. */
  get answered(): boolean {
    return this.cut > 0 || this.refusals.size > 0;
  }

  refused(name: string): void {
    this.refusals.set(name, (this.refusals.get(name) ?? 0) + 1);
  }

  breach(sentence: string): void {
    this.breaches.add(sentence);
  }

  outcome(): Outcome {
    const { sent, served, cut } = this;
    return { sent, served, refused: Object.fromEntries(this.refusals), cut, breaches: [...this.breaches] };
  }
}
