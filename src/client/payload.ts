import { Payload } from "../../gen/aldis/v1/message.js";

/** What an application sends: a text, bytes, or either with a description of what it is. */
export type PayloadInput =
  | string
  | Uint8Array
  | { readonly text: string; readonly description?: string }
  | { readonly binary: Uint8Array; readonly description?: string };

/** What an application gets. Exactly one of `text` and `binary` is set. `description` is empty for none. */
export type ReceivedPayload =
  | { readonly text: string; readonly binary?: undefined; readonly description: string }
  | { readonly binary: Uint8Array; readonly text?: undefined; readonly description: string };

/** The protocol's message for what an application sends. */
export function toPayload(input: PayloadInput): Payload {
  if (typeof input === "string") return toPayload({ text: input });
  if (input instanceof Uint8Array) return toPayload({ binary: input });
  const description = input.description ?? "";
  if ("text" in input) return Payload.create({ content: { $case: "text", value: input.text }, description });
  return Payload.create({ content: { $case: "binary", value: input.binary }, description });
}

/** What an application gets for the protocol's message. A content that this client does not know is an empty text. */
export function fromPayload(payload: Payload | undefined): ReceivedPayload {
  const description = payload?.description ?? "";
  if (payload?.content?.$case === "binary") return { binary: plainBytes(payload.content.value), description };
  return { text: payload?.content?.value ?? "", description };
}

/** The same bytes without what Node's buffers add: their `slice` and `toString` are others. */
function plainBytes({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
