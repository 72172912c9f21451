import type { Limits } from "../../../gen/aldis/v1/tables/limits.js";
import type { PlacedEvents } from "./placed-events.js";
import { type Follower, Run } from "./run.js";

/**
 * The messages of a channel on their way to the members that a node has. A member is looked at for the first messages after it was
 * last written to, and follows the run that all share for those behind them: a batch costs two steps a member, however many
 * messages are in it.
 */
export class Broadcast<Member extends Follower = Follower> {
  private readonly all = new Set<Member>();
  /** Those who follow no run, and some who have gone. An array, since nearly all members enter it with each batch. */
  private idle: Follower[] = [];
  /** The number of those in `idle` who have gone. */
  private gone = 0;
  private run: Run;

  constructor(private readonly limits: Pick<Limits, "batchBytes">) {
    this.run = this.newRun();
  }

  get members(): ReadonlySet<Member> {
    return this.all;
  }

  add(member: Member): void {
    this.all.add(member);
    this.idle.push(member);
  }

  /** A member gets what was sent before, and nothing more. False if it was not there. */
  remove(member: Member): boolean {
    member.drain();
    if (!this.all.delete(member)) return false;
    this.gone += 1;
    if (this.gone > this.all.size) this.forgetGone();
    return true;
  }

  /** Sends messages, which are behind all earlier ones. */
  send(events: PlacedEvents): void {
    if (!this.run.takes(events)) this.begin();
    const { run } = this;
    run.append(events);
    this.forgetGone();
    const { idle } = this;
    this.idle = [];
    for (const member of idle) if (!member.follow(run, events)) this.idle.push(member);
    this.endUnfollowed();
  }

  /** Begins another run. What the old one has is queued now, where it counts: some members may not be written to for long. */
  private begin(): void {
    for (const member of this.all) member.drain();
    this.run = this.newRun();
  }

  private newRun(): Run {
    return new Run(this.limits.batchBytes, (member) => {
      this.idle.push(member);
      this.endUnfollowed();
    });
  }

  /** A run that nobody follows is not kept. */
  private endUnfollowed(): void {
    if (this.idle.length - this.gone === this.all.size) this.run = this.newRun();
  }

  private forgetGone(): void {
    if (this.gone === 0) return;
    const all: ReadonlySet<Follower> = this.all;
    this.idle = this.idle.filter((member) => all.has(member));
    this.gone = 0;
  }
}
