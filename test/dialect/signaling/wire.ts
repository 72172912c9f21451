import type { Link, LinkListener, Transport } from "../../../src/client/transport/transport.js";

/** A way to the server that a test can cut. */
export class Wire implements Transport {
  readonly #inner: Transport;
  #cut: (() => void) | undefined;
  isOpen = true;
  opened = 0;

  constructor(inner: Transport) {
    this.#inner = inner;
  }

  open(listener: LinkListener): Link {
    this.opened += 1;
    if (!this.isOpen) {
      queueMicrotask(() => listener.onClosed({ message: "The wire is cut." }));
      return { send: () => {}, close: () => {} };
    }
    let isCut = false;
    const link = this.#inner.open({
      onFrame: (frame) => isCut || listener.onFrame(frame),
      onClosed: (problem) => isCut || listener.onClosed(problem),
    });
    this.#cut = () => {
      isCut = true;
      link.close();
      listener.onClosed({ message: "The wire was cut." });
    };
    return link;
  }

  cut(): void {
    this.#cut?.();
  }
}
