// What the default export of the Web SDK has. As a module of its own it is a namespace, for values and types alike.
import { DefaultOptions, type DialectOptions } from "../shared/options.js";
import type { LogFilterType } from "./log.js";
import type { RtmConfig } from "./parameters.js";
import { RtmClient } from "./rtm-client.js";
import type { AreaCode } from "./status-code.js";

/** The version of the Web SDK whose interface this is. */
export const VERSION = "1.5.1";
/** What the interface belongs to. */
export const BUILD = "aldis";

export const LOG_FILTER_OFF: LogFilterType = { error: false, warn: false, info: false, track: false, debug: false };
export const LOG_FILTER_ERROR: LogFilterType = { ...LOG_FILTER_OFF, error: true };
export const LOG_FILTER_WARNING: LogFilterType = { ...LOG_FILTER_ERROR, warn: true };
export const LOG_FILTER_INFO: LogFilterType = { ...LOG_FILTER_WARNING, info: true };

const defaults = new DefaultOptions();

/** Says where Aldis is, for all clients that are made from now on without options of their own. */
export function configure(options: DialectOptions): void {
  defaults.set(options);
}

/** Makes a client. Nothing is opened before its `login`. `options` say where Aldis is; a list of areas is not looked at. */
export function createInstance(
  appId: string,
  config: RtmConfig = {},
  options: DialectOptions | readonly AreaCode[] = {},
): RtmClient {
  return new RtmClient(appId, config, defaults.with(isList(options) ? {} : options));
}

/** Does nothing: Aldis is where its address is. */
export function setArea(_areas: { areaCodes: AreaCode[]; excludedArea?: AreaCode }): void {}

function isList(value: DialectOptions | readonly AreaCode[]): value is readonly AreaCode[] {
  return Array.isArray(value);
}

export { END_CALL_PREFIX } from "./end-call.js";
export {
  AreaCode,
  ConnectionChangeReason,
  ConnectionState,
  LocalInvitationFailureReason,
  LocalInvitationState,
  MessageType,
  PeerOnlineState,
  PeerSubscriptionOption,
  RemoteInvitationFailureReason,
  RemoteInvitationState,
} from "./status-code.js";
