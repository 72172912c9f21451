import { ErrorCode, type ErrorDetail } from "../../../gen/aldis/v1/error.js";
import type { Limits } from "../../../gen/aldis/v1/tables/limits.js";
import { type OperationName, type Operations, operations } from "../../../gen/aldis/v1/tables/operations.js";
import { decodeStrict } from "../../../gen/aldis/v1/tables/wire.js";
import type { TokenClaims } from "../auth/token-verifier.js";
import { encode } from "../encode.js";
import { keyText } from "../engine/ports/keys.js";
import { Refusal, refuse, refuseFailed, refuseOver } from "../feature/refusal.js";
import type { TraceParent, Tracer } from "../observe/tracer.js";
import type { Clock, Timer } from "../runtime.js";
import type { Dispatcher } from "./dispatcher.js";
import { RateWindows } from "./rate-windows.js";
import type { Registry } from "./registry.js";
import type { Session } from "./session.js";

/** What a unary call says of its caller: the values of its metadata, as they came. */
export interface Credentials {
  readonly authorization: readonly string[];
  readonly sessionId: readonly string[];
  /** The trace that the caller says that the call is in. Undefined for none. */
  readonly trace?: TraceParent;
}

export interface UnaryAnswer {
  /** The encoded response, or why there is none. */
  readonly answer: { readonly ok: true; readonly response: Uint8Array } | { readonly ok: false; readonly error: ErrorDetail };
  /** What is to run once the answer is on its way. */
  readonly afterAnswer: readonly (() => void)[];
}

/** How often the rates of users without a session here are looked through, in milliseconds. */
const sweepMs = 10_000;

/** The calls outside streams. They reach the same handlers; only what tells who calls is different. */
export class UnaryCalls {
  /** The rates of users whose calls name no session. */
  private readonly rates = new Map<string, RateWindows>();
  private readonly sweeper: Timer;

  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly verify: (token: string) => Promise<TokenClaims | Refusal>,
    private readonly registry: Registry,
    private readonly clock: Clock,
    private readonly limits: Limits,
    private readonly tracer: Tracer,
  ) {
    this.sweeper = clock.every(sweepMs, () => this.sweep());
  }

  stop(): void {
    this.sweeper.cancel();
  }

  /** Answers one call. Never rejects. */
  async take<K extends OperationName>(name: K, bytes: Uint8Array, credentials: Credentials): Promise<UnaryAnswer> {
    const afterAnswer: (() => void)[] = [];
    const work = () => this.answer(name, bytes, credentials, (task) => afterAnswer.push(task)).catch(refuseFailed);
    const answer = await this.tracer.within(credentials.trace, work);
    if (answer instanceof Refusal) return { answer: { ok: false, error: answer.detail }, afterAnswer };
    return { answer: { ok: true, response: answer }, afterAnswer };
  }

  private async answer<K extends OperationName>(
    name: K,
    bytes: Uint8Array,
    credentials: Credentials,
    afterAnswer: (task: () => void) => void,
  ): Promise<Uint8Array | Refusal> {
    const { request, response } = operations[name];
    if (bytes.length > this.limits.frameBytes) {
      return refuseOver(ErrorCode.PAYLOAD_TOO_LARGE, this.limits, "frameBytes", "the request is too large");
    }
    const decoded = decodeStrict<Operations[K]["request"]>(request, bytes);
    if (!decoded.ok) return refuse(ErrorCode.INVALID_ARGUMENT, `the request cannot be read: ${decoded.problem}`);
    const caller = await this.identify(credentials);
    if (caller instanceof Refusal) return caller;
    const { claims, session } = caller;
    const user = { appId: claims.appId, userId: claims.userId };
    const context = { user, rights: claims.rights, session, afterAnswer };
    const rates = session?.rates ?? this.ratesOf(keyText(user.appId, user.userId));
    const retryAfterMs = rates.take("frames");
    if (retryAfterMs > 0) {
      return refuseOver(ErrorCode.RATE_LIMITED, this.limits, "frames", "too many calls came", { retryAfterMs });
    }
    const answer = await this.dispatcher.dispatch(name, decoded.value, context, rates);
    return answer instanceof Refusal ? answer : encode(response, answer);
  }

  private async identify({
    authorization,
    sessionId,
  }: Credentials): Promise<{ claims: TokenClaims; session?: Session } | Refusal> {
    const [header, ...others] = authorization;
    const token = header?.match(/^Bearer (\S+)$/i)?.[1];
    if (token === undefined || others.length > 0) {
      return refuse(ErrorCode.INVALID_TOKEN, 'send exactly one "authorization: Bearer TOKEN" in the metadata');
    }
    const claims = await this.verify(token);
    if (claims instanceof Refusal || sessionId.length === 0) return claims instanceof Refusal ? claims : { claims };
    const session = this.registry.find(sessionId.join());
    const own = session?.user.appId === claims.appId && session.user.userId === claims.userId;
    // The same answer for a session that is over and for somebody else's: ids must not be probed.
    return own
      ? { claims, session }
      : refuse(ErrorCode.NOT_LOGGED_IN, "the session in aldis-session-id is over, or not this user's");
  }

  private ratesOf(user: string): RateWindows {
    const known = this.rates.get(user) ?? new RateWindows(this.clock, this.limits);
    this.rates.set(user, known);
    return known;
  }

  private sweep(): void {
    for (const [user, windows] of this.rates) if (windows.idle) this.rates.delete(user);
  }
}
