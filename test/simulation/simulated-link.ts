import type { Link as ClientLink, LinkListener as ClientListener, LinkProblem } from "../../src/client/transport/transport.js";
import type { Accept } from "../../src/server/edge/door.js";
import type { Link as ServerLink, LinkListener as ServerListener } from "../../src/server/session/link.js";
import type { Journal } from "./journal.js";
import { Pipe } from "./pipe.js";
import type { Random } from "./random.js";
import type { Scope } from "./scope.js";

/** Where a node takes links, and the process in which it hears of them. */
export interface Door {
  readonly accept: Accept;
  readonly process: Scope;
}

export interface LinkParts {
  /** The client. */
  readonly owner: string;
  readonly node: string;
  readonly listener: ClientListener;
  readonly scope: Scope;
  readonly random: Random;
  readonly journal: Journal;
  /** The node's door at the moment of the question, if it is open. */
  readonly door: () => Door | undefined;
  /** Called when the link is over for both sides. */
  readonly onOver: () => void;
}

export type Direction = "up" | "down" | "both";

const latencies = [
  { least: 1, most: 2 },
  { least: 5, most: 40 },
  { least: 40, most: 250 },
];

// The first bytes of a ConnectResponse with these control messages: fields 3 and 7, length-delimited.
const welcomeTag = 0x1a;
const goodbyeTag = 0x3a;

/** One stream over the simulated network. */
export class SimulatedLink {
  readonly clientEnd: ClientLink = {
    send: (frame) => this.#sendUp(frame),
    close: () => this.#closeByClient(),
  };
  readonly #parts: LinkParts;
  readonly #up: Pipe;
  readonly #down: Pipe;
  /** True if the network takes a frame before its reader does, as the buffers of a kernel do. */
  readonly #buffers: boolean;
  #server: ServerListener | undefined;
  /** The process of the node. Undefined until the link has arrived there. */
  #process: Scope | undefined;
  /** True while the server takes what comes as a sign of life: from its welcome to its goodbye. */
  #welcomed = false;
  #clientClosed = false;
  #clientOver = false;
  #serverOver = false;

  constructor(parts: LinkParts) {
    const { scope, random } = parts;
    const latency = random.pick(latencies);
    this.#parts = parts;
    this.#up = new Pipe(scope.clock, random, latency);
    this.#down = new Pipe(scope.clock, random, latency);
    this.#buffers = random.chance(0.5);
    this.#up.carry(() => this.#arrive());
  }

  get owner(): string {
    return this.#parts.owner;
  }

  get node(): string {
    return this.#parts.node;
  }

  /** Breaks the link. Whoever is not told finds out by silence. */
  cut(told: { readonly client: boolean; readonly server: boolean }): void {
    this.#break();
    if (told.client) this.#tellClient({ message: "The link is cut." });
    if (told.server) this.#tellServer();
    else if (this.#parts.door() === undefined) this.#serverOver = true;
    this.#checkOver();
  }

  /** From now on a direction takes everything and delivers nothing. */
  swallow(direction: Direction): void {
    if (direction !== "down") this.#up.swallows = true;
    if (direction !== "up") this.#down.swallows = true;
  }

  /** The reader of a direction stops. */
  stall(direction: Direction): void {
    if (direction !== "down") this.#up.stall();
    if (direction !== "up") this.#down.stall();
  }

  /** Readers that have stopped go on. */
  resume(): void {
    this.#up.resume();
    this.#down.resume();
  }

  #arrive(): void {
    const door = this.#parts.door();
    if (door === undefined) {
      this.#serverOver = true;
      this.#break();
      this.#tellClient({ message: "Nobody is there." });
    } else {
      this.#process = door.process;
      door.process.run(() => {
        this.#server = door.accept(this.#serverEnd());
      });
    }
  }

  #serverEnd(): ServerLink {
    return {
      address: this.owner,
      send: (frame, written) => this.#sendDown(frame.bytes, written),
      end: () => this.#down.carry(() => this.#endByServer()),
      abort: () => this.#abortByServer(),
    };
  }

  #sendUp(frame: Uint8Array): void {
    if (this.#clientClosed || this.#clientOver) return;
    this.#up.carry(
      () => this.#process?.run(() => this.#hearFrame(frame)),
      () => this.#noteFrame("up", frame, true),
    );
  }

  #hearFrame(frame: Uint8Array): void {
    const { journal, owner, node } = this.#parts;
    if (this.#serverOver) return;
    this.#noteFrame("up", frame, false);
    journal.note(owner, { kind: this.#welcomed ? "reached" : "knocked", node });
    this.#server?.onFrame(frame);
  }

  #noteFrame(direction: "up" | "down", bytes: Uint8Array, lost: boolean): void {
    const { journal, owner: client, node } = this.#parts;
    journal.noteFrame({ client, node, direction, bytes, lost });
  }

  #sendDown(frame: Uint8Array, written: () => void): void {
    const { journal, owner, node, scope } = this.#parts;
    let isWritten = false;
    const write = (): void => {
      if (isWritten || this.#serverOver) return;
      isWritten = true;
      this.#process?.run(written);
    };
    // The session lives, whatever has become of its link meanwhile.
    if (frame[0] === welcomeTag) journal.note(owner, { kind: "reached", node });
    if (this.#serverOver) return;
    if (frame[0] === welcomeTag || frame[0] === goodbyeTag) this.#welcomed = frame[0] === welcomeTag;
    if (this.#buffers || this.#down.swallows) scope.clock.after(1, () => this.#down.stalls || write());
    this.#down.carry(
      () => {
        write();
        if (this.#clientClosed || this.#clientOver) return;
        this.#noteFrame("down", frame, false);
        this.#parts.listener.onFrame(frame);
      },
      () => this.#noteFrame("down", frame, true),
    );
  }

  /** The server hears of it behind what was sent, or at once and instead of what is under way. */
  #closeByClient(): void {
    if (this.#clientClosed) return;
    this.#clientClosed = true;
    // A link that never got through is known to nobody else.
    if (this.#server === undefined && this.#up.swallows) this.#serverOver = true;
    if (this.#parts.random.chance(0.5)) this.#up.carry(() => this.#tellServer());
    else if (!this.#up.swallows) this.#tellServerAndBreak();
    this.#tellClient(undefined);
  }

  #tellServerAndBreak(): void {
    this.#break();
    this.#tellServer();
  }

  #endByServer(): void {
    this.#tellClient(undefined);
    this.#tellServer();
  }

  #abortByServer(): void {
    if (this.#serverOver) return;
    const reset = !this.#down.swallows && !this.#down.stalls;
    this.#break();
    this.#tellServer();
    if (reset) this.#tellClient({ message: "The server has reset the link." });
  }

  #break(): void {
    this.#up.break();
    this.#down.break();
  }

  #tellClient(problem: LinkProblem | undefined): void {
    const { scope, random, listener } = this.#parts;
    if (this.#clientOver) return;
    this.#clientOver = true;
    scope.clock.after(random.between(1, 30), () => listener.onClosed(problem));
    this.#checkOver();
  }

  #tellServer(): void {
    const { scope, random } = this.#parts;
    if (this.#serverOver) return;
    this.#serverOver = true;
    scope.clock.after(random.between(1, 30), () => this.#process?.run(() => this.#server?.onClosed()));
    this.#checkOver();
  }

  #checkOver(): void {
    if (this.#clientOver && this.#serverOver) this.#parts.onOver();
  }
}
