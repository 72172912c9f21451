/** The latest of what comes, up to a number. */
export class Ring<T> {
  private readonly items: T[] = [];
  /** Where the next one goes, once there are so many: in the place of the oldest. */
  private at = 0;
  /** True once something had to go. */
  hasDropped = false;

  constructor(private readonly max: number) {}

  /** Adds the newest. Gives the one that goes for it: undefined while there is room. */
  push(item: T): T | undefined {
    if (this.items.length < this.max) {
      this.items.push(item);
      return undefined;
    }
    const dropped = this.items[this.at];
    this.items[this.at] = item;
    this.at = (this.at + 1) % this.max;
    this.hasDropped = true;
    return dropped;
  }

  /** The ones that a test takes, the oldest first. */
  filter(test: (item: T) => boolean): T[] {
    const newer = this.items.slice(0, this.at).filter(test);
    return [...this.items.slice(this.at).filter(test), ...newer];
  }
}
