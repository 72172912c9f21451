import type { SessionInfo } from "../../../../gen/aldis/v1/admin_service.js";
import type { Clock } from "../../runtime.js";
import type { Session } from "../session.js";

/** What an operator sees of a session. */
export function sessionInfo(session: Session, nodeId: string, clock: Clock): SessionInfo {
  const { events, bytes, unacknowledged } = session.outbox.size;
  return {
    userId: session.user.userId,
    presence: session.presence,
    loggedInAtMs: session.loggedInAtMs,
    lastHeardAtMs: Math.round(clock.now() - (clock.monotonic() - session.life.heardAt)),
    deviceLabel: session.deviceLabel,
    client: session.client,
    address: session.address,
    channels: [...session.memberships.keys()],
    queuedEvents: events - unacknowledged,
    queuedBytes: bytes,
    unacknowledgedEvents: unacknowledged,
    nodeId,
    tokenExpiresAtMs: session.tokenExpiresAtMs,
  };
}
