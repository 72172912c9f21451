import type { WatchEventsRequest } from "../../../../gen/aldis/v1/admin_service.js";
import { ErrorCode, type ErrorDetail } from "../../../../gen/aldis/v1/error.js";
import {
  type AdminOperationName,
  type AdminOperationRule,
  type AdminOperations,
  adminOperations,
  adminStreams,
} from "../../../../gen/aldis/v1/tables/admin-operations.js";
import type { LimitName, Limits } from "../../../../gen/aldis/v1/tables/limits.js";
import { decodeStrict } from "../../../../gen/aldis/v1/tables/wire.js";
import type { AdminKey, AdminKeys } from "../../auth/admin-keys.js";
import { encode } from "../../encode.js";
import type { AdminHandler, AdminHandlers } from "../../feature/admin/admin-context.js";
import type { Happenings } from "../../feature/happenings.js";
import { Refusal, refuse, refuseFailed, refuseOver } from "../../feature/refusal.js";
import type { Clock } from "../../runtime.js";
import type { DispatchObserver } from "../dispatcher.js";
import { RateWindows } from "../rate-windows.js";
import { validate } from "../validate.js";
import { type Audit, targetOf } from "./audit.js";
import { EventWatch, type WatchListener } from "./event-watch.js";

export interface AdminCallServices {
  readonly handlers: AdminHandlers;
  readonly happenings: Happenings;
  readonly keys: AdminKeys;
  /** True if the server serves an app. */
  readonly serves: (appId: string) => boolean;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly observer: DispatchObserver;
  readonly audit: Audit;
  /** What the audit log has in place of a personal text. */
  readonly digest: (text: string) => string;
  /** A call was refused because of a limit. */
  readonly onLimit: (limit: LimitName) => void;
}

export type AdminAnswer =
  | { readonly ok: true; readonly response: Uint8Array }
  | { readonly ok: false; readonly error: ErrorDetail };

/** The calls of operators: each is checked, answered and written into the audit log. */
export class AdminCalls {
  /** The latest calls with each key, by its name. */
  private readonly rates = new Map<string, RateWindows>();
  /** The watches that are open with each key, by its name. */
  private readonly watches = new Map<string, number>();

  constructor(private readonly services: AdminCallServices) {}

  /** Answers one call. `authorization` has the values of the metadata as they came. Never rejects. */
  async take<K extends AdminOperationName>(name: K, bytes: Uint8Array, authorization: readonly string[]): Promise<AdminAnswer> {
    const { clock, observer } = this.services;
    const rule = adminOperations[name];
    const startedAt = clock.monotonic();
    const key = this.identify(authorization);
    const answer =
      key instanceof Refusal ? key : await this.audited(key, rule, bytes, (request) => this.answer(name, key, request));
    const code = answer instanceof Refusal ? answer.detail.code : undefined;
    observer.onCall(rule.name, code, clock.monotonic() - startedAt);
    if (answer instanceof Refusal) return { ok: false, error: answer.detail };
    return { ok: true, response: encode(rule.response, answer) };
  }

  /** Begins to tell a watcher what happens, or says why not. */
  async watch(bytes: Uint8Array, authorization: readonly string[], listener: WatchListener): Promise<EventWatch | ErrorDetail> {
    const key = this.identify(authorization);
    if (key instanceof Refusal) return key.detail;
    const open = async (request: WatchEventsRequest) => this.openWatch(key, request, listener);
    const opened = await this.audited(key, adminStreams.watchEvents, bytes, open);
    return opened instanceof Refusal ? opened.detail : opened;
  }

  private openWatch({ name }: AdminKey, request: WatchEventsRequest, listener: WatchListener): EventWatch | Refusal {
    const { happenings, limits, clock, onLimit } = this.services;
    const count = this.watches.get(name) ?? 0;
    if (count >= limits.adminWatches) {
      onLimit("adminWatches");
      return refuseOver(ErrorCode.RESOURCE_EXHAUSTED, limits, "adminWatches", "too many watches with this key");
    }
    this.watches.set(name, count + 1);
    const onEnd = () => void this.watches.set(name, (this.watches.get(name) ?? 1) - 1);
    return new EventWatch(request, listener, { happenings, clock, limits, onEnd });
  }

  /** Does what a call asks for, if it may, and writes into the audit log what became of it. */
  private async audited<Request extends object, Answer>(
    key: AdminKey,
    rule: AdminOperationRule<Request, unknown>,
    bytes: Uint8Array,
    work: (request: Request) => Promise<Answer | Refusal>,
  ): Promise<Answer | Refusal> {
    const { limits, audit, digest } = this.services;
    const { name, requestType } = rule;
    if (bytes.length > limits.frameBytes) {
      return refuseOver(ErrorCode.PAYLOAD_TOO_LARGE, limits, "frameBytes", "the request is too large");
    }
    const decoded = decodeStrict<Request>(rule.request, bytes);
    if (!decoded.ok) return refuse(ErrorCode.INVALID_ARGUMENT, `the request cannot be read: ${decoded.problem}`);
    const refusal = validate(requestType, decoded.value, limits) ?? this.refuseApp(key, decoded.value);
    const answer = refusal ?? (await work(decoded.value));
    const code = answer instanceof Refusal ? answer.detail.code : undefined;
    audit({ key: key.name, operation: name, target: targetOf(requestType, decoded.value, digest), code });
    return answer;
  }

  private refuseApp(key: AdminKey, { appId }: { readonly appId?: string }): Refusal | undefined {
    // Only the figures of the whole server are asked for without an app.
    if (!appId) return undefined;
    if (key.app !== undefined && key.app !== appId) {
      return refuse(ErrorCode.NOT_AUTHORIZED, "the admin key is for another app", { field: "app_id" });
    }
    if (this.services.serves(appId)) return undefined;
    return refuse(ErrorCode.INVALID_APP_ID, "this server does not serve that app", { field: "app_id" });
  }

  /** The key that a caller shows, if it may be used now. */
  private identify([header, ...others]: readonly string[]): AdminKey | Refusal {
    const shown = header?.match(/^Bearer (\S+)$/i)?.[1];
    const key = shown === undefined || others.length > 0 ? undefined : this.services.keys.find(shown);
    if (key !== undefined) return this.refuseRate(key) ?? key;
    return refuse(ErrorCode.INVALID_TOKEN, 'send exactly one "authorization: Bearer KEY" with an admin key of this server');
  }

  /** Before the audit log, which a program that calls without end would fill. */
  private refuseRate({ name }: AdminKey): Refusal | undefined {
    const { clock, limits, onLimit } = this.services;
    const rates = this.rates.get(name) ?? new RateWindows(clock, limits);
    this.rates.set(name, rates);
    const retryAfterMs = rates.take("adminCalls");
    if (retryAfterMs === 0) return undefined;
    onLimit("adminCalls");
    return refuseOver(ErrorCode.RATE_LIMITED, limits, "adminCalls", "too many calls with this key", { retryAfterMs });
  }

  private async answer<K extends AdminOperationName>(
    name: K,
    key: AdminKey,
    request: AdminOperations[K]["request"],
  ): Promise<AdminOperations[K]["response"] | Refusal> {
    const handler: AdminHandler<K> = this.services.handlers[name];
    try {
      return await handler(request, { key });
    } catch (failure) {
      this.services.observer.onFailure(adminOperations[name].name, failure);
      return refuseFailed(failure);
    }
  }
}
