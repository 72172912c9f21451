import { describe, expect, it } from "vitest";
import { CuttableTransport } from "../../../../src/cli/demo/cuttable-transport.js";
import type { LinkListener, Transport } from "../../../../src/client/transport/transport.js";

/** A transport that shows the listeners of its links and what was sent and closed. */
function scriptedTransport() {
  const listeners: LinkListener[] = [];
  const log: string[] = [];
  const transport: Transport = {
    open(listener) {
      listeners.push(listener);
      return { send: (frame) => log.push(`sent ${frame[0]}`), close: () => log.push("closed") };
    },
  };
  return { transport, listeners, log };
}

function recorder() {
  const events: string[] = [];
  const listener: LinkListener = {
    onFrame: (frame) => events.push(`frame ${frame[0]}`),
    onClosed: (problem) => events.push(`closed: ${problem?.message}`),
  };
  return { events, listener };
}

describe("a cuttable transport", () => {
  it("carries frames both ways while it is whole", () => {
    const { transport, listeners, log } = scriptedTransport();
    const { events, listener } = recorder();

    const link = new CuttableTransport(transport).open(listener);
    link.send(Uint8Array.of(1));
    listeners[0]?.onFrame(Uint8Array.of(2));

    expect({ log, events }).toEqual({ log: ["sent 1"], events: ["frame 2"] });
  });

  it("tells the client of the cut once, and lets nothing through after it", () => {
    const { transport, listeners, log } = scriptedTransport();
    const { events, listener } = recorder();
    const cuttable = new CuttableTransport(transport);
    cuttable.open(listener);

    cuttable.cut();
    listeners[0]?.onFrame(Uint8Array.of(2));
    listeners[0]?.onClosed(undefined);

    expect({ log, events }).toEqual({ log: ["closed"], events: ["closed: The link is cut."] });
  });

  it("refuses new links until it is mended, and never inside the call of open", async () => {
    const { transport, listeners } = scriptedTransport();
    const { events, listener } = recorder();
    const cuttable = new CuttableTransport(transport);
    cuttable.cut();

    cuttable.open(listener);
    const duringOpen = [...events];
    await Promise.resolve();
    cuttable.mend();
    cuttable.open(listener);

    expect(duringOpen).toEqual([]);
    expect(events).toEqual(["closed: The link is cut."]);
    expect(listeners).toHaveLength(1);
  });
});
