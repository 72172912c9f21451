import { TokenRights } from "../../../gen/aldis/v1/admin_service.js";
import { GoodbyeReason } from "../../../gen/aldis/v1/connection.js";
import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { AttributeLifetime, type Capability, type Hello, SessionStart, type Welcome } from "../../../gen/aldis/v1/session.js";
import { errorTable } from "../../../gen/aldis/v1/tables/errors.js";
import { type LimitName, type Limits, limitTable } from "../../../gen/aldis/v1/tables/limits.js";
import type { TokenClaims, TokenVerifier } from "../auth/token-verifier.js";
import type { Engine } from "../engine/engine.js";
import { keyText, type UserKey } from "../engine/ports/keys.js";
import type { Admittance } from "../feature/admittance.js";
import type { AppLimits } from "../feature/app-limits.js";
import type { Capacity } from "../feature/capacity.js";
import { Refusal, refuse, refuseOver } from "../feature/refusal.js";
import type { TraceRecorder } from "../feature/trace.js";
import type { Unfinished } from "../feature/unfinished.js";
import { type Runtime, randomId } from "../runtime.js";
import type { AddressLimits } from "./address-limits.js";
import type { Frame } from "./frame.js";
import type { Link } from "./link.js";
import type { Registry } from "./registry.js";
import { ResumeSecrets } from "./resume-secrets.js";
import { controlFrame, Session, type SessionServices, type SessionToken } from "./session.js";
import type { Sessions } from "./sessions.js";
import { validate } from "./validate.js";

/** What a user has who logs in without a token, where the server lets it. */
const noToken: SessionToken = {
  issuedAtMs: Number.POSITIVE_INFINITY,
  expiresAtMs: 0,
  rights: TokenRights.create({}),
};

/** The revision of the protocol that this server speaks. A client of a later one is welcome: it knows what it may not use. */
const protocolRevision = 1;

export interface LoginOptions {
  readonly nodeId: string;
  readonly serverVersion: string;
  /** True if an empty token lets a user in: for tests only. */
  readonly allowNoToken: boolean;
  readonly capabilities: readonly Capability[];
}

export interface LoginObserver {
  onLogin(start: SessionStart, app: string): void;
  /** `app` is undefined if the server does not serve it. */
  onLoginRefused(code: ErrorCode, app: string | undefined): void;
}

export interface LoginServices {
  readonly options: LoginOptions;
  readonly verifier: TokenVerifier;
  readonly admittance: Admittance;
  readonly addresses: AddressLimits;
  readonly capacity: Capacity;
  readonly registry: Registry;
  readonly sessions: Sessions;
  /** The refusal of every login while the node may not serve. */
  readonly refuseNow: () => Refusal | undefined;
  readonly engine: Engine;
  readonly runtime: Runtime;
  readonly limits: Limits;
  readonly appLimits: Pick<AppLimits, "of">;
  readonly sessionServices: SessionServices;
  readonly unfinished: Pick<Unfinished, "track">;
  readonly trace: TraceRecorder;
  readonly observer: LoginObserver;
}

/** Turns a hello into a session: a new one, or the one to be resumed. */
export class Login {
  private readonly secrets = new WeakMap<Session, ResumeSecrets>();

  constructor(private readonly services: LoginServices) {}

  /**
   * Opens a session over a link and welcomes it, unless nobody waits for it any more when the token has been checked: a client
   * that has gone must not take the place of one that is here. Rejects only if the engine cannot serve.
   */
  async open(hello: Hello, link: Link, isWanted: () => boolean): Promise<Session | Refusal> {
    const { verifier, observer, unfinished } = this.services;
    // A node that stops must not leave the others before a claim that is under way is known.
    const opened = await unfinished.track(this.tryToOpen(hello, link, isWanted));
    const app = verifier.serves(hello.appId) ? hello.appId : undefined;
    if (opened instanceof Refusal) observer.onLoginRefused(opened.detail.code, app);
    return opened;
  }

  private async tryToOpen(hello: Hello, link: Link, isWanted: () => boolean): Promise<Session | Refusal> {
    if (this.services.sessions.draining)
      return refuse(ErrorCode.UNAVAILABLE, "the server shuts down; try again later, or another one");
    const early = this.services.refuseNow() ?? this.refuseAddress(link.address);
    if (early !== undefined) return early;
    if (!this.services.verifier.serves(hello.appId)) {
      return refuse(ErrorCode.INVALID_APP_ID, "this server does not serve that app", { field: "app_id" });
    }
    const refusal = validate("aldis.v1.Hello", hello, this.services.limits);
    if (refusal !== undefined) return refusal;
    const admission = await this.admit(hello);
    if (admission instanceof Refusal) return this.noteRefused(hello, admission);
    if (!isWanted()) return refuse(ErrorCode.CANCELED, "the client went away during the login");
    const resumed = this.findResumable(hello);
    if (resumed !== undefined) return this.resume(resumed, hello, link, admission);
    return this.begin(hello, link, admission);
  }

  /** What a good token says. */
  async verify(token: string): Promise<TokenClaims | Refusal> {
    const verified = await this.services.verifier.verify(token);
    if (!verified.ok) return refuse(verified.code, verified.message, { field: "token" });
    return (await this.services.admittance.refuseRevoked(verified.claims, verified.claims.issuedAtMs)) ?? verified.claims;
  }

  /** What a good token says whose user is not banned: for calls without a login. */
  async verifyCaller(token: string): Promise<TokenClaims | Refusal> {
    const claims = await this.verify(token);
    if (claims instanceof Refusal) return claims;
    return (await this.services.admittance.refuseBanned(claims, "")) ?? claims;
  }

  /** Checks a token for a user. */
  async check(token: string, user: UserKey): Promise<SessionToken | Refusal> {
    const claims = await this.verify(token);
    if (claims instanceof Refusal || (claims.appId === user.appId && claims.userId === user.userId)) return claims;
    const other = claims.appId === user.appId ? "user" : "app";
    return refuse(ErrorCode.INVALID_TOKEN, `the token is for another ${other}; get one for this ${other}`, { field: "token" });
  }

  /** The client has sent something, so it has what the welcome told. */
  confirm(session: Session): void {
    this.secrets.get(session)?.confirm();
  }

  /** What an address tries costs a look at a token each time, whatever becomes of it. */
  private refuseAddress(address: string): Refusal | undefined {
    const { addresses, limits } = this.services;
    const retryAfterMs = addresses.takeLogin(address);
    if (retryAfterMs === 0) return undefined;
    const message = "too many logins come from this address";
    return refuseOver(ErrorCode.RATE_LIMITED, limits, "addressLogins", message, { retryAfterMs });
  }

  private async admit(hello: Hello): Promise<SessionToken | Refusal> {
    const needsNone = hello.token === "" && this.services.options.allowNoToken;
    const token = needsNone ? noToken : await this.check(hello.token, hello);
    if (token instanceof Refusal) return token;
    return (await this.services.admittance.refuseBanned(hello, "")) ?? token;
  }

  private noteRefused({ appId, userId }: Hello, refusal: Refusal): Refusal {
    const { code, message } = refusal.detail;
    const text = `a login is refused: ${errorTable[code].name}, ${message}`;
    this.services.trace.note({ kind: "user", appId, id: userId }, text);
    return refusal;
  }

  /** An operator who keeps a user out while it logs in may have found no session: then it ends here. */
  private async endIfUnwelcome(session: Session): Promise<void> {
    const { admittance, sessions } = this.services;
    const banned = await admittance.refuseBanned(session.user, "");
    if (banned !== undefined) return sessions.end(session, GoodbyeReason.BANNED_BY_SERVER);
    const revoked = await admittance.refuseRevoked(session.user, session.tokenIssuedAtMs);
    if (revoked !== undefined) await sessions.end(session, GoodbyeReason.TOKEN_EXPIRED);
  }

  /** The session that a hello may go on with: its own, with the right secret, and with counts that fit. */
  private findResumable({ appId, userId, resume }: Hello): Session | undefined {
    const session = resume && this.services.registry.find(resume.sessionId);
    if (session === undefined || session.user.appId !== appId || session.user.userId !== userId) return undefined;
    if (!this.secrets.get(session)?.accepts(resume?.resumeToken ?? "")) return undefined;
    const counts = { events: resume?.eventsReceived ?? 0, results: resume?.resultsReceived ?? 0 };
    return session.outbox.canResume(counts) ? session : undefined;
  }

  private async resume(session: Session, hello: Hello, link: Link, admission: SessionToken): Promise<Session> {
    const { resume } = hello;
    session.dropLink(GoodbyeReason.STREAM_REPLACED);
    session.renew(admission);
    session.acknowledge({ events: resume?.eventsReceived ?? 0, results: resume?.resultsReceived ?? 0 });
    session.attach(link, this.welcome(session, SessionStart.RESUMED), hello.maxBatchDelayMs ?? Number.POSITIVE_INFINITY);
    await this.services.sessions.showOnline(session);
    return session;
  }

  private async begin(hello: Hello, link: Link, admission: SessionToken): Promise<Session | Refusal> {
    const user = { appId: hello.appId, userId: hello.userId };
    const key = `login/${keyText(user.appId, user.userId)}`;
    const retryAfterMs = await this.services.engine.rates.take(key, this.services.limits.logins, limitTable.logins.windowMs);
    if (retryAfterMs > 0) {
      return refuseOver(ErrorCode.RATE_LIMITED, this.services.limits, "logins", "the user logs in too often", { retryAfterMs });
    }
    const full = this.services.capacity.refuseSession(user.appId);
    if (full !== undefined) return this.noteRefused(hello, full);
    const endsAttributes = hello.attributeLifetime === AttributeLifetime.SESSION;
    await this.services.sessions.prepare(user, endsAttributes);
    const id = randomId(this.services.runtime);
    const owner = { sessionId: id, nodeId: this.services.options.nodeId };
    const { epoch, replaced } = await this.services.sessions.claim(user, owner);
    // A node that has fallen meanwhile has ended its sessions without this one, which nobody could reach.
    const fenced = this.services.refuseNow();
    if (fenced !== undefined) {
      this.services.sessions.disclaim(user, id, replaced);
      return fenced;
    }
    const identity = {
      id,
      user,
      epoch,
      capabilities: new Set(hello.capabilities),
      endsAttributes,
      deviceLabel: hello.deviceLabel,
      client: [hello.clientName, hello.clientVersion].filter(Boolean).join(" "),
    };
    const session = new Session(identity, admission, this.services.sessionServices);
    this.secrets.set(session, new ResumeSecrets(this.services.runtime));
    this.services.registry.add(session);
    const start = hello.resume === undefined ? SessionStart.NEW : SessionStart.EXPIRED;
    session.attach(link, this.welcome(session, start), hello.maxBatchDelayMs ?? Number.POSITIVE_INFINITY);
    await this.services.sessions.announce(session, replaced);
    await this.endIfUnwelcome(session);
    return session;
  }

  private welcome(session: Session, start: SessionStart): Frame {
    this.services.observer.onLogin(start, session.user.appId);
    const { events, results } = session.outbox.received;
    const value: Welcome = {
      sessionId: session.id,
      resumeToken: this.secrets.get(session)?.issue() ?? "",
      start,
      callsReceived: session.callsReceived,
      limits: limitValues(this.services.appLimits.of(session.user.appId)),
      serverTimeMs: this.services.runtime.clock.now(),
      tokenExpiresAtMs: session.tokenExpiresAtMs,
      protocolRevision,
      serverVersion: this.services.options.serverVersion,
      capabilities: [...this.services.options.capabilities],
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
