import { ErrorCode, type ErrorDetail } from "../../../../gen/aldis/v1/error.js";
import {
  type AdminOperationName,
  type AdminOperationRule,
  type AdminOperations,
  adminOperations,
  adminStreams,
} from "../../../../gen/aldis/v1/tables/admin-operations.js";
import type { Limits } from "../../../../gen/aldis/v1/tables/limits.js";
import { decodeStrict } from "../../../../gen/aldis/v1/tables/wire.js";
import type { AdminKey, AdminKeys } from "../../auth/admin-keys.js";
import { EngineExhausted, EngineUnavailable } from "../../engine/ports/unavailable.js";
import type { AdminHandler, AdminHandlers } from "../../feature/admin/admin-context.js";
import type { Happenings } from "../../feature/happenings.js";
import { Refusal, refuse, refuseInternal, refuseOver } from "../../feature/refusal.js";
import type { Clock } from "../../runtime.js";
import type { DispatchObserver } from "../dispatcher.js";
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
}

export type AdminAnswer =
  | { readonly ok: true; readonly response: Uint8Array }
  | { readonly ok: false; readonly error: ErrorDetail };

/** The calls of operators: each is checked, answered and written into the audit log. */
export class AdminCalls {
  constructor(private readonly services: AdminCallServices) {}

  /** Answers one call. `authorization` has the values of the metadata as they came. Never rejects. */
  async take<K extends AdminOperationName>(name: K, bytes: Uint8Array, authorization: readonly string[]): Promise<AdminAnswer> {
    const { clock, observer } = this.services;
    const rule = adminOperations[name];
    const startedAt = clock.monotonic();
    const opened = this.open<AdminOperations[K]["request"]>(rule, bytes, authorization);
    const answer = opened instanceof Refusal ? opened : await this.answer(name, opened);
    const code = answer instanceof Refusal ? answer.detail.code : undefined;
    observer.onCall(rule.name, code, clock.monotonic() - startedAt);
    if (!(opened instanceof Refusal)) this.record(opened.key, rule, opened.request, code);
    if (answer instanceof Refusal) return { ok: false, error: answer.detail };
    return { ok: true, response: rule.response.encode(answer).finish() };
  }

  /** Begins to tell a watcher what happens, or says why not. */
  watch(bytes: Uint8Array, authorization: readonly string[], listener: WatchListener): EventWatch | ErrorDetail {
    const { happenings, limits, clock } = this.services;
    const rule = adminStreams.watchEvents;
    const opened = this.open(rule, bytes, authorization);
    if (opened instanceof Refusal) return opened.detail;
    this.record(opened.key, rule, opened.request, undefined);
    return new EventWatch(opened.request, listener, happenings, clock, limits);
  }

  /** What a call asks for and who asks, if it may. */
  private open<Request extends object>(
    { request, requestType }: AdminOperationRule<Request, unknown>,
    bytes: Uint8Array,
    authorization: readonly string[],
  ): { readonly key: AdminKey; readonly request: Request } | Refusal {
    const { limits, serves } = this.services;
    const key = this.identify(authorization);
    if (key instanceof Refusal) return key;
    if (bytes.length > limits.frameBytes) {
      return refuseOver(ErrorCode.PAYLOAD_TOO_LARGE, limits, "frameBytes", "the request is too large");
    }
    const decoded = decodeStrict<Request>(request, bytes);
    if (!decoded.ok) return refuse(ErrorCode.INVALID_ARGUMENT, `the request cannot be read: ${decoded.problem}`);
    const refusal = validate(requestType, decoded.value, limits);
    if (refusal !== undefined) return refusal;
    const { appId } = decoded.value as { readonly appId?: string };
    if (appId && key.app !== undefined && key.app !== appId) {
      return refuse(ErrorCode.NOT_AUTHORIZED, "the admin key is for another app", { field: "app_id" });
    }
    if (appId && !serves(appId))
      return refuse(ErrorCode.INVALID_APP_ID, "this server does not serve that app", { field: "app_id" });
    return { key, request: decoded.value };
  }

  private identify([header, ...others]: readonly string[]): AdminKey | Refusal {
    const shown = header?.match(/^Bearer (\S+)$/i)?.[1];
    const key = shown === undefined || others.length > 0 ? undefined : this.services.keys.find(shown);
    return (
      key ?? refuse(ErrorCode.INVALID_TOKEN, 'send exactly one "authorization: Bearer KEY" with an admin key of this server')
    );
  }

  private async answer<K extends AdminOperationName>(
    name: K,
    { key, request }: { readonly key: AdminKey; readonly request: AdminOperations[K]["request"] },
  ): Promise<AdminOperations[K]["response"] | Refusal> {
    const handler: AdminHandler<K> = this.services.handlers[name];
    try {
      return await handler(request, { key });
    } catch (failure) {
      this.services.observer.onFailure(adminOperations[name].name, failure);
      if (failure instanceof EngineExhausted) {
        return refuse(ErrorCode.RESOURCE_EXHAUSTED, "the server has no room to store this now; try again later");
      }
      if (!(failure instanceof EngineUnavailable)) return refuseInternal();
      return refuse(ErrorCode.UNAVAILABLE, "the server cannot do this now; try again later");
    }
  }

  private record(
    key: AdminKey,
    { name, requestType }: Pick<AdminOperationRule<never, unknown>, "name" | "requestType">,
    request: object,
    code: ErrorCode | undefined,
  ): void {
    this.services.audit({ key: key.name, operation: name, target: targetOf(requestType, request), code });
  }
}
