import type { Link, LinkListener, Transport } from "../../client/transport/transport.js";

/** A transport whose link can be cut in the middle, as by a tunnel: the client is told, and nothing goes through until `mend`. */
export class CuttableTransport implements Transport {
  readonly #inner: Transport;
  #isCut = false;
  #breakLink = (): void => {};

  constructor(inner: Transport) {
    this.#inner = inner;
  }

  open(listener: LinkListener): Link {
    if (this.#isCut) {
      queueMicrotask(() => listener.onClosed({ message: "The link is cut." }));
      return { send() {}, close() {} };
    }
    let isOver = false;
    const end: LinkListener["onClosed"] = (problem) => {
      if (isOver) return;
      isOver = true;
      listener.onClosed(problem);
    };
    const link = this.#inner.open({
      onFrame: (frame) => {
        if (!isOver) listener.onFrame(frame);
      },
      onClosed: end,
    });
    this.#breakLink = () => {
      end({ message: "The link is cut." });
      link.close();
    };
    return link;
  }

  moveOn(): void {
    if (!this.#isCut) this.#inner.moveOn?.();
  }

  /** Cuts the link. What is on its way is lost. */
  cut(): void {
    this.#isCut = true;
    this.#breakLink();
  }

  /** Lets the client through again at its next try. */
  mend(): void {
    this.#isCut = false;
  }
}
