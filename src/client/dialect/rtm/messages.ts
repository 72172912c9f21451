import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import { failure } from "../../error.js";
import type { PayloadInput, ReceivedPayload } from "../../payload.js";
import type { PeerMessageError } from "./error-code.js";

/** A message of text. */
export interface RtmTextMessage {
  text: string;
  messageType?: "TEXT";
  rawMessage?: never;
  description?: never;
}

/** A message of bytes. */
export interface RtmRawMessage {
  rawMessage: Uint8Array;
  /** What the bytes are. Default: nothing. */
  description?: string;
  messageType?: "RAW";
  text?: never;
}

/** A message, of at most 32 KiB. */
export type RtmMessage = RtmTextMessage | RtmRawMessage;

/** How to send a message. */
export interface SendMessageOptions {
  /** True to store the message for a peer who is offline. Default: false. */
  enableOfflineMessaging?: boolean;
  /** Taken and not looked at. */
  enableHistoricalMessaging?: boolean;
}

/** What became of a message to a peer. */
export interface PeerMessageSendResult {
  /** True if the peer's client has it. */
  hasPeerReceived: boolean;
  /** 0, or why the peer has not received it: `PEER_UNREACHABLE`, or `CACHED_BY_SERVER` where it is stored. */
  code: (typeof PeerMessageError)["OK" | "PEER_UNREACHABLE" | "CACHED_BY_SERVER"];
}

/** What comes with a message. */
export interface ReceivedMessageProperties {
  /** When the server took the message, in milliseconds since 1970. */
  serverReceivedTs: number;
  /** True if it was stored while this user was offline. */
  isOfflineMessage: boolean;
}

const MOST_BYTES = 32 * 1024;
const received = new WeakSet<object>();

/** Completes a message. What has `rawMessage` carries bytes, all others text. */
export function completeMessage(partial: Partial<RtmMessage>): RtmMessage {
  if (partial.rawMessage !== undefined) return { ...partial, rawMessage: partial.rawMessage, messageType: "RAW" };
  return { text: partial.text ?? "", messageType: "TEXT" };
}

/** What the client sends for a message. Throws `INVALID_MESSAGE` or `PAYLOAD_TOO_LARGE`. */
export function payloadOf(message: unknown): PayloadInput {
  if (typeof message !== "object" || message === null) throw invalid("A message is an object.");
  if (received.has(message)) throw invalid("A received message cannot be sent again; make a new one.");
  const { text, rawMessage, description = "" } = message as { text?: unknown; rawMessage?: unknown; description?: unknown };
  if (typeof description !== "string") throw invalid("A description is a string.");
  if (rawMessage instanceof Uint8Array) {
    checkSize(rawMessage.length + byteLength(description));
    return { binary: rawMessage, description };
  }
  if (typeof text !== "string") throw invalid("A message has a text, or bytes as rawMessage.");
  checkSize(byteLength(text));
  return text;
}

/** What an application gets for a message that came. */
export function toRtmMessage({ text, binary, description }: ReceivedPayload): RtmMessage {
  const message: RtmMessage =
    text === undefined ? { rawMessage: binary, description, messageType: "RAW" } : { text, messageType: "TEXT" };
  received.add(message);
  return message;
}

/** The bytes that a text has in UTF-8. */
export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

function checkSize(bytes: number): void {
  if (bytes > MOST_BYTES) throw failure(ErrorCode.PAYLOAD_TOO_LARGE, `A message has at most ${MOST_BYTES} bytes.`);
}

function invalid(message: string): Error {
  return failure(ErrorCode.INVALID_MESSAGE, message);
}
