import type { FetchText } from "./remote-key-set.js";

const timeoutMs = 5000;
const maxBytes = 256 * 1024;

/** Gets a text over HTTPS: at most 256 KiB within 5 seconds, from that address and no other. */
export const fetchText: FetchText = async (url) => {
  const response = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(timeoutMs) }).catch(withCause);
  if (response.status !== 200) throw new Error(`the answer has status ${response.status}`);
  let text = "";
  let bytes = 0;
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Error(`the answer is longer than ${maxBytes} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
};

/** What `fetch` throws says only that it failed; what an operator needs to know is why. */
function withCause(thrown: Error): never {
  const cause = thrown.cause as (Error & { readonly code?: string }) | undefined;
  // A host with several addresses has a cause for each, and no text of its own.
  throw cause === undefined ? thrown : new Error(cause.message || cause.code || thrown.message, { cause });
}
