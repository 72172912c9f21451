import type { TokenRights } from "../../../gen/aldis/v1/admin_service.js";
import { GoodbyeReason } from "../../../gen/aldis/v1/connection.js";
import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { AttributeLifetime, type Capability, type Hello, SessionStart, type Welcome } from "../../../gen/aldis/v1/session.js";
import { type LimitName, type Limits, limitTable } from "../../../gen/aldis/v1/tables/limits.js";
import type { TokenClaims, TokenVerifier } from "../auth/token-verifier.js";
import type { Engine } from "../engine/engine.js";
import { keyText, type UserKey } from "../engine/ports/keys.js";
import { Refusal, refuse, refuseOver } from "../feature/refusal.js";
import { type Runtime, randomId } from "../runtime.js";
import type { Link } from "./link.js";
import type { Registry } from "./registry.js";
import { ResumeSecrets } from "./resume-secrets.js";
import { controlFrame, Session, type SessionServices } from "./session.js";
import type { Sessions } from "./sessions.js";
import { validate } from "./validate.js";

/** The revision of the protocol that this server speaks. A client of a later one is welcome: it knows what it may not use. */
const protocolRevision = 1;

export interface LoginOptions {
  readonly nodeId: string;
  readonly serverVersion: string;
  /** True if an empty token lets a user in: for tests only. */
  readonly allowNoToken: boolean;
  readonly capabilities: readonly Capability[];
}

interface Admission {
  readonly expiresAtMs: number;
  readonly rights: TokenRights;
}

/** Turns a hello into a session: a new one, or the one to be resumed. */
export class Login {
  private readonly secrets = new WeakMap<Session, ResumeSecrets>();

  constructor(
    private readonly options: LoginOptions,
    private readonly verifier: TokenVerifier,
    private readonly registry: Registry,
    private readonly sessions: Sessions,
    private readonly engine: Engine,
    private readonly runtime: Runtime,
    private readonly limits: Limits,
    private readonly sessionServices: SessionServices,
  ) {}

  /**
   * Opens a session over a link and welcomes it, unless nobody waits for it any more when the token has been checked: a client
   * that has gone must not take the place of one that is here. Rejects only if the engine cannot serve.
   */
  async open(hello: Hello, link: Link, isWanted: () => boolean): Promise<Session | Refusal> {
    if (this.sessions.draining) return refuse(ErrorCode.UNAVAILABLE, "the server shuts down; try again later, or another one");
    if (!this.verifier.serves(hello.appId)) {
      return refuse(ErrorCode.INVALID_APP_ID, "this server does not serve that app", { field: "app_id" });
    }
    const refusal = validate("aldis.v1.Hello", hello, this.limits);
    if (refusal !== undefined) return refusal;
    const admission = await this.admit(hello);
    if (admission instanceof Refusal) return admission;
    if (!isWanted()) return refuse(ErrorCode.CANCELED, "the client went away during the login");
    const resumed = this.findResumable(hello);
    if (resumed !== undefined) return this.resume(resumed, hello, link, admission);
    return this.begin(hello, link, admission);
  }

  /** What a good token says. */
  async verify(token: string): Promise<TokenClaims | Refusal> {
    const verified = await this.verifier.verify(token);
    return verified.ok ? verified.claims : refuse(verified.code, verified.message, { field: "token" });
  }

  /** Checks a token for a user. */
  async check(token: string, user: UserKey): Promise<Admission | Refusal> {
    const claims = await this.verify(token);
    if (claims instanceof Refusal || (claims.appId === user.appId && claims.userId === user.userId)) return claims;
    return refuse(ErrorCode.INVALID_TOKEN, "the token is for another user; get one for this user", { field: "token" });
  }

  /** The client has sent something, so it has what the welcome told. */
  confirm(session: Session): void {
    this.secrets.get(session)?.confirm();
  }

  private async admit(hello: Hello): Promise<Admission | Refusal> {
    if (hello.token !== "" || !this.options.allowNoToken) return this.check(hello.token, hello);
    return { expiresAtMs: 0, rights: { join: [], send: [], sendFromOutside: [], readOnly: false } };
  }

  /** The session that a hello may go on with: its own, with the right secret, and with counts that fit. */
  private findResumable({ appId, userId, resume }: Hello): Session | undefined {
    const session = resume && this.registry.find(resume.sessionId);
    if (session === undefined || session.user.appId !== appId || session.user.userId !== userId) return undefined;
    if (!this.secrets.get(session)?.accepts(resume?.resumeToken ?? "")) return undefined;
    const counts = { events: resume?.eventsReceived ?? 0, results: resume?.resultsReceived ?? 0 };
    return session.outbox.canResume(counts) ? session : undefined;
  }

  private async resume(session: Session, hello: Hello, link: Link, admission: Admission): Promise<Session> {
    const { resume } = hello;
    session.dropLink(GoodbyeReason.STREAM_REPLACED);
    session.renew(admission);
    session.acknowledge({ events: resume?.eventsReceived ?? 0, results: resume?.resultsReceived ?? 0 });
    session.attach(link, this.welcome(session, SessionStart.RESUMED), this.maxDelayMs(hello));
    await this.sessions.showOnline(session);
    return session;
  }

  private async begin(hello: Hello, link: Link, admission: Admission): Promise<Session | Refusal> {
    const user = { appId: hello.appId, userId: hello.userId };
    const key = `login/${keyText(user.appId, user.userId)}`;
    const retryAfterMs = await this.engine.rates.take(key, this.limits.logins, limitTable.logins.windowMs);
    if (retryAfterMs > 0) {
      return refuseOver(ErrorCode.RATE_LIMITED, this.limits, "logins", "the user logs in too often", { retryAfterMs });
    }
    const endsAttributes = hello.attributeLifetime === AttributeLifetime.SESSION;
    await this.sessions.prepare(user, endsAttributes);
    const id = randomId(this.runtime);
    const { epoch, replaced } = await this.engine.sessions.claim(user, { sessionId: id, nodeId: this.options.nodeId });
    const identity = {
      id,
      user,
      epoch,
      capabilities: new Set(hello.capabilities),
      endsAttributes,
      deviceLabel: hello.deviceLabel,
      client: [hello.clientName, hello.clientVersion].filter(Boolean).join(" "),
    };
    const session = new Session(identity, admission, this.sessionServices);
    this.secrets.set(session, new ResumeSecrets(this.runtime));
    this.registry.add(session);
    const start = hello.resume === undefined ? SessionStart.NEW : SessionStart.EXPIRED;
    session.attach(link, this.welcome(session, start), this.maxDelayMs(hello));
    await this.sessions.announce(session, replaced);
    return session;
  }

  /** How long a client lets channel traffic wait. */
  private maxDelayMs({ maxBatchDelayMs }: Hello): number {
    const { batchDelayMs } = this.limits;
    return Math.min(maxBatchDelayMs ?? batchDelayMs, batchDelayMs);
  }

  private welcome(session: Session, start: SessionStart): Uint8Array {
    const { events, results } = session.outbox.received;
    const value: Welcome = {
      sessionId: session.id,
      resumeToken: this.secrets.get(session)?.issue() ?? "",
      start,
      callsReceived: session.callsReceived,
      limits: limitValues(this.limits),
      serverTimeMs: this.runtime.clock.now(),
      tokenExpiresAtMs: session.tokenExpiresAtMs,
      protocolRevision,
      serverVersion: this.options.serverVersion,
      capabilities: [...this.options.capabilities],
      eventsAcknowledged: events,
      resultsAcknowledged: results,
    };
    return controlFrame({ $case: "welcome", value });
  }
}

function limitValues(limits: Limits): Welcome["limits"] {
  return Object.entries(limitTable).map(([name, { limit, windowMs }]) => ({
    limit,
    value: limits[name as LimitName],
    windowMs,
  }));
}
