/** Whether the messages of one sender, numbered from 0, all came, once, and in order. */
export class Tally {
  /** Messages that came, each counted once. */
  received = 0;
  duplicated = 0;
  reordered = 0;
  /** Messages of which the server has told that they do not come. */
  toldLost = 0;
  private next = 0;
  private readonly missing = new Set<number>();

  take(number: number): void {
    if (number >= this.next) {
      for (; this.next < number; this.next += 1) this.missing.add(this.next);
      this.next += 1;
    } else if (this.missing.delete(number)) {
      this.reordered += 1;
    } else {
      this.duplicated += 1;
      return;
    }
    this.received += 1;
  }
}
