// The public face of `aldis/rtm`: Agora RTM 0.9 to 1.1 in the form of the Web SDK 1.x, over Aldis.
import * as AgoraRTM from "./agora-rtm.js";

// biome-ignore lint/style/noDefaultExport: applications of the Web SDK say `import AgoraRTM from …`.
export default AgoraRTM;

export type { DialectOptions } from "../shared/options.js";
export * from "./agora-rtm.js";
export { RtmCallManager } from "./call-manager.js";
export type { ChannelAttributeOptions, ChannelAttributeProperties, ChannelAttributes } from "./channel-attributes.js";
export * from "./error-code.js";
export * as RtmErrorCode from "./error-code.js";
export { EventEmitter, type EventListener } from "./event-emitter.js";
export { LocalInvitation } from "./local-invitation.js";
export { LogFilter, type LogFilterType } from "./log.js";
export type {
  PeerMessageSendResult,
  ReceivedMessageProperties,
  RtmMessage,
  RtmRawMessage,
  RtmTextMessage,
  SendMessageOptions,
} from "./messages.js";
export type { RtmConfig, RtmParameters } from "./parameters.js";
export type { PeersOnlineStatusMap, PeersOnlineStatusResult } from "./peers.js";
export { RemoteInvitation } from "./remote-invitation.js";
export { RtmChannel } from "./rtm-channel.js";
export { type ChannelMemberCountResult, RtmClient } from "./rtm-client.js";
export { RtmError } from "./rtm-error.js";
export type * as RtmEvents from "./rtm-events.js";
export type {
  LocalInvitationEvents,
  RemoteInvitationEvents,
  RtmCallManagerEvents,
  RtmChannelEvents,
  RtmClientEvents,
} from "./rtm-events.js";
export * as RtmStatusCode from "./status-code.js";
export {
  ConnectionChangeReasonNumber,
  ConnectionStateNumber,
  LocalInvitationStateNumber,
  MessageTypeNumber,
  PeerOnlineStateNumber,
  RemoteInvitationStateNumber,
} from "./status-numbers.js";
export type { AttributesMap } from "./user-attributes.js";
