import type { Link, LinkListener } from "../session/link.js";
import type { Accept } from "./door.js";

/** What a client in the same process hears of its link. The same shape as the client's own interface. */
export interface MemoryClientListener {
  onFrame(frame: Uint8Array): void;
  onClosed(problem: undefined): void;
}

/** A client's end of a link. The same shape as the client's own interface. */
export interface MemoryClientLink {
  send(frame: Uint8Array): void;
  close(): void;
}

export interface MemoryTransport {
  open(listener: MemoryClientListener): MemoryClientLink;
}

/**
 * The edge of clients in the same process: frames go over as they are, in order, and never inside the call that sends them.
 * It makes the embedded mode and most tests.
 */
export function memoryTransport(accept: Accept): MemoryTransport {
  return { open: (listener) => new MemoryPipe(listener, accept).clientEnd };
}

class MemoryPipe {
  readonly clientEnd: MemoryClientLink = {
    send: (frame) => this.later(() => this.server.onFrame(frame)),
    close: () => this.later(() => this.close()),
  };
  private readonly server: LinkListener;
  private closed = false;

  constructor(
    private readonly client: MemoryClientListener,
    accept: Accept,
  ) {
    const serverEnd: Link = {
      address: "",
      send: (frame, written) =>
        this.later(() => {
          this.client.onFrame(frame.bytes);
          written();
        }),
      end: () => this.later(() => this.close()),
      abort: () => this.later(() => this.close()),
    };
    this.server = accept(serverEnd);
  }

  /** Runs a task after the present one, in the order planned; nothing runs once the pipe is closed. */
  private later(task: () => void): void {
    queueMicrotask(() => {
      if (!this.closed) task();
    });
  }

  private close(): void {
    this.closed = true;
    this.server.onClosed();
    this.client.onClosed(undefined);
  }
}
