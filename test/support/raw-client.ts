// A client that speaks frames and knows nothing else: what a test of the server says and hears stands in the test itself.
// It works over anything that opens links: the node's own door (`directDoor`), or a client transport over gRPC.
import { type Goodbye, Hello, type Welcome } from "../../gen/aldis/v1/session.js";
import { type Call, type CallResult, ConnectRequest, ConnectResponse, type Event } from "../../gen/aldis/v1/stream.js";
import type { Accept } from "../../src/server/edge/door.js";
import type { Frame } from "../../src/server/session/frame.js";

/** One open link, from the client's side. */
export interface RawLink {
  send(frame: Uint8Array): void;
  close(): void;
}

/** Opens a link. */
export type RawDoor = (listener: { onFrame(frame: Uint8Array): void; onClosed(): void }) => RawLink;

/** What may go wrong with a link. While it is stalled, what the server sends waits, and nothing is said to be written. */
export class LinkFaults {
  private waiting: (() => void)[] | undefined;

  stall(): void {
    this.waiting = [];
  }

  recover(): void {
    const waiting = this.waiting ?? [];
    this.waiting = undefined;
    for (const task of waiting) task();
  }

  /** Runs a task now, or when the link has recovered. */
  pass(task: () => void): void {
    if (this.waiting === undefined) task();
    else this.waiting.push(task);
  }
}

/** A door straight into a node: frames go over inside the call, and come out behind the present step. */
export function directDoor(accept: Accept, faults = new LinkFaults()): RawDoor {
  return (client) => {
    let open = true;
    const close = () => {
      if (!open) return;
      open = false;
      server.onClosed();
      client.onClosed();
    };
    const hear = ({ bytes }: Frame, written: () => void) => {
      if (!open) return;
      client.onFrame(bytes);
      written();
    };
    const server = accept({
      address: "test",
      send: (frame, written) => queueMicrotask(() => faults.pass(() => hear(frame, written))),
      end: () => queueMicrotask(() => faults.pass(close)),
      abort: close,
    });
    return { send: (frame) => open && server.onFrame(frame), close };
  };
}

export type Control = NonNullable<ConnectResponse["control"]>;

/** What a raw client has heard, in order, by kind. */
export class RawClient {
  readonly frames: ConnectResponse[] = [];
  readonly events: NonNullable<Event["event"]>[] = [];
  readonly results: CallResult[] = [];
  readonly controls: Control[] = [];
  closed = false;
  private readonly link: RawLink;
  private waiting: { readonly condition: () => boolean; readonly resolve: () => void }[] = [];

  /** `lastCallId` is that of the link before, for a client that resumes. */
  constructor(
    door: RawDoor,
    private lastCallId = 0,
  ) {
    this.link = door({
      onFrame: (frame) => {
        this.hear(frame);
        this.look();
      },
      onClosed: () => {
        this.closed = true;
        this.look();
      },
    });
  }

  /** Sends bytes that may be anything. */
  sendBytes(bytes: Uint8Array): void {
    this.link.send(bytes);
  }

  send(frame: NonNullable<ConnectRequest["frame"]>): void {
    this.sendBytes(ConnectRequest.encode(ConnectRequest.create({ frame })).finish());
  }

  hello(hello: Partial<Hello>): void {
    this.send({ $case: "hello", value: Hello.create(hello) });
  }

  /** Sends a call, and gives the number it has. */
  call(request: NonNullable<Call["request"]>): number {
    this.lastCallId += 1;
    this.send({ $case: "call", value: { callId: this.lastCallId, request } });
    return this.lastCallId;
  }

  /** What the client has received of its session, over all links. */
  get received(): { events: number; results: number } {
    const { eventsAcknowledged, resultsAcknowledged } = this.welcome;
    return { events: eventsAcknowledged + this.events.length, results: resultsAcknowledged + this.results.length };
  }

  /** The number of the latest call. */
  get latestCallId(): number {
    return this.lastCallId;
  }

  /** Acknowledges all that was received, or as much as is said. */
  acknowledge(counts: { events?: number; results?: number } = {}): void {
    this.send({ $case: "ack", value: { ...this.received, ...counts } });
  }

  ping(nonce = 0): void {
    this.send({ $case: "ping", value: { nonce } });
  }

  /** Cuts the link without a word. */
  cut(): void {
    this.link.close();
  }

  get welcome(): Welcome {
    const found = this.controls.find((control) => control.$case === "welcome");
    if (found?.$case !== "welcome") throw new Error("there was no welcome");
    return found.value;
  }

  get goodbye(): Goodbye | undefined {
    const found = this.controls.find((control) => control.$case === "goodbye");
    return found?.$case === "goodbye" ? found.value : undefined;
  }

  resultOf(callId: number): CallResult["outcome"] {
    return this.results.find((result) => result.callId === callId)?.outcome;
  }

  /** Waits until something is the case, looking whenever something was heard. For links that take real time. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push({ condition, resolve });
      this.look();
    });
  }

  private look(): void {
    const due = this.waiting.filter(({ condition }) => condition());
    this.waiting = this.waiting.filter((waiter) => !due.includes(waiter));
    for (const { resolve } of due) resolve();
  }

  private hear(bytes: Uint8Array): void {
    const frame = ConnectResponse.decode(bytes);
    this.frames.push(frame);
    if (frame.control !== undefined) this.controls.push(frame.control);
    for (const { event } of frame.events) if (event !== undefined) this.events.push(event);
    this.results.push(...frame.results);
  }
}
