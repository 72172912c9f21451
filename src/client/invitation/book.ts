/** The most invitations that are remembered though they do not live, so that what comes late rings nobody. */
const MOST_REMEMBERED = 100;

/** The invitations that a client knows, by id: all that live, and the latest of the others. */
export class InvitationBook<T> {
  readonly #live = new Map<string, T>();
  readonly #remembered = new Map<string, T>();

  find(id: string): T | undefined {
    return this.#live.get(id) ?? this.#remembered.get(id);
  }

  /** Those that live, the oldest first. */
  live(): T[] {
    return [...this.#live.values()];
  }

  all(): T[] {
    return [...this.live(), ...this.#remembered.values()];
  }

  /** Notes one that lives. One that is noted already keeps its place. */
  keep(id: string, invitation: T): void {
    this.#remembered.delete(id);
    this.#live.set(id, invitation);
  }

  /** Notes one that does not live, and forgets the oldest of those that are too many. */
  remember(id: string, invitation: T): void {
    this.forget(id);
    this.#remembered.set(id, invitation);
    const [oldest] = this.#remembered.keys();
    if (oldest !== undefined && this.#remembered.size > MOST_REMEMBERED) this.#remembered.delete(oldest);
  }

  forget(id: string): void {
    this.#live.delete(id);
    this.#remembered.delete(id);
  }
}
