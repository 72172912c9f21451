import { keyText, type UserKey } from "../engine/ports/keys.js";
import type { Session } from "./session.js";

/** The sessions of this node, by id and by user. */
export class Registry {
  private readonly byId = new Map<string, Session>();
  private readonly byUser = new Map<string, Session>();
  /** How many sessions each app has. */
  private readonly ofApps = new Map<string, number>();

  sessions(): number {
    return this.byId.size;
  }

  sessionsOf(appId: string): number {
    return this.ofApps.get(appId) ?? 0;
  }

  /** Adds a session. Of two of the same user the newer one is found by the user, the other by its id only. */
  add(session: Session): void {
    this.byId.set(session.id, session);
    this.ofApps.set(session.user.appId, this.sessionsOf(session.user.appId) + 1);
    const other = this.byUser.get(userText(session.user));
    if (other === undefined || other.epoch < session.epoch) this.byUser.set(userText(session.user), session);
  }

  remove(session: Session): void {
    const { appId } = session.user;
    if (this.byId.delete(session.id)) this.ofApps.set(appId, this.sessionsOf(appId) - 1);
    if (this.sessionsOf(appId) === 0) this.ofApps.delete(appId);
    if (this.byUser.get(userText(session.user)) === session) this.byUser.delete(userText(session.user));
  }

  find(sessionId: string): Session | undefined {
    return this.byId.get(sessionId);
  }

  /** The user's newest session here. */
  findUser(user: UserKey): Session | undefined {
    return this.byUser.get(userText(user));
  }

  attachedSessions(): number {
    let count = 0;
    for (const session of this) if (session.attached) count += 1;
    return count;
  }

  queuedBytes(): number {
    let bytes = 0;
    for (const session of this) bytes += session.outbox.size.bytes;
    return bytes;
  }

  [Symbol.iterator](): Iterator<Session> {
    return this.byId.values();
  }
}

function userText({ appId, userId }: UserKey): string {
  return keyText(appId, userId);
}
