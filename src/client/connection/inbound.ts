import type { CallResult, ConnectResponse, Event } from "../../../gen/aldis/v1/stream.js";

/** One entry of a batch. */
export type Entry =
  | { readonly kind: "event"; readonly event: Event }
  | { readonly kind: "result"; readonly result: CallResult };

/** The events and results of a batch in the order in which they happened. */
export function* entriesOf({ events, results }: ConnectResponse): Generator<Entry> {
  let told = 0;
  for (const result of results) {
    const before = events.slice(told, Math.max(told, result.afterEvents));
    for (const event of before) yield { kind: "event", event };
    told += before.length;
    yield { kind: "result", result };
  }
  for (const event of events.slice(told)) yield { kind: "event", event };
}
