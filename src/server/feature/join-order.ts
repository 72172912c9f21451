import type { LiveSession, Membership } from "./live-session.js";

/**
 * Which join of a session was called before which: joins of several channels run side by side, and an exclusive one undoes what was
 * called before it, also what is done after it.
 */
export class JoinOrder {
  private calls = 0;
  private readonly calledAt = new WeakMap<Membership, number>();
  /** The latest exclusive join of a session that has had its effect. */
  private readonly switchedAt = new WeakMap<LiveSession, number>();

  /** A join is called. Gives its number, which is higher than all before. */
  call(): number {
    this.calls += 1;
    return this.calls;
  }

  /** True for a join that has no effect any more, since an exclusive one that was called later has had its own. */
  isOvertaken(session: LiveSession, join: number): boolean {
    return join < (this.switchedAt.get(session) ?? 0);
  }

  /** A join has made a membership. */
  made(membership: Membership, join: number): void {
    this.calledAt.set(membership, join);
  }

  /** An exclusive join has its effect. Gives the memberships that it ends. */
  switch(session: LiveSession, join: number): Membership[] {
    this.switchedAt.set(session, join);
    return [...session.memberships.values()].filter((membership) => (this.calledAt.get(membership) ?? 0) < join);
  }
}
