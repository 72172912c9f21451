import type { MessageFns } from "../../../../gen/aldis/v1/stream.js";
import { type Decoded, decodeStrict } from "../../../../gen/aldis/v1/tables/wire.js";

/** A name under which nodes tell each other messages of one kind. */
export interface Topic<Message> {
  readonly name: string;
  readonly kind: TopicKind<Message>;
}

/** How messages of one kind travel from process to process. Within a process they go as they are. */
export interface TopicKind<Message> {
  encode(message: Message): Uint8Array;
  /** Of bytes that a node has published. Undefined for a message that only newer versions know. */
  decode(bytes: Uint8Array): Decoded<Message | undefined>;
}

const bytesKind: TopicKind<Uint8Array> = {
  encode: (bytes) => bytes,
  decode: (bytes) => ({ ok: true, value: bytes }),
};

/** A topic of messages that are bytes already. */
export function bytesTopic(name: string): Topic<Uint8Array> {
  return { name, kind: bytesKind };
}

/** Messages of a type of the protocol. */
export function kindOf<Message>(type: MessageFns<Message>): TopicKind<Message> {
  return {
    encode: (message) => type.encode(message).finish(),
    decode: (bytes) => decodeStrict(type, bytes),
  };
}
