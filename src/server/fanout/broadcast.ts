import { type Follower, Run, type RunMessage } from "./run.js";

/**
 * The messages of a channel on their way to the members that a node has. A member is looked at for the first message after it was
 * last written to, and follows the run that all share for those behind it: a batch costs two steps a member, however many
 * messages are in it.
 */
export class Broadcast<Member extends Follower = Follower> {
  private readonly all = new Set<Member>();
  /** Those who follow no run. */
  private readonly idle = new Set<Follower>();
  private run = this.newRun();

  get members(): ReadonlySet<Member> {
    return this.all;
  }

  add(member: Member): void {
    this.all.add(member);
    this.idle.add(member);
  }

  /** A member gets what was sent before, and nothing more. False if it was not there. */
  remove(member: Member): boolean {
    member.drain();
    this.idle.delete(member);
    return this.all.delete(member);
  }

  /** Sends a message, which is behind all earlier ones. */
  send(message: RunMessage): void {
    if (!this.run.takes(message)) this.begin();
    const { run } = this;
    run.append(message);
    const idle = [...this.idle];
    this.idle.clear();
    for (const member of idle) if (!member.follow(run, message)) this.rest(member);
  }

  /** Begins another run. What the old one has is queued now, where it counts: some members may not be written to for long. */
  private begin(): void {
    for (const member of this.all) member.drain();
    this.run = this.newRun();
  }

  private newRun(): Run {
    return new Run((member) => this.rest(member));
  }

  /** A run that nobody follows is not kept. */
  private rest(member: Follower): void {
    this.idle.add(member);
    if (this.idle.size === this.all.size) this.run = this.newRun();
  }
}
