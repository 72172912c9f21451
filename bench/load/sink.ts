import type { Member } from "../wire/wire.js";
import type { WireName } from "../wire/wires.js";
import { sleep } from "./clock.js";
import { Connection, type ConnectionListener, type ServerAddress } from "./connection.js";
import { Tally } from "./tally.js";

const firstWaitMs = 250;
const longestWaitMs = 8000;

/** A member that listens, over one connection after another, and counts what it hears. */
export class Sink {
  readonly tally = new Tally();
  /** True for one that reads nothing more: what it misses does not count. */
  stalled = false;
  private connection: Connection | undefined;

  constructor(
    readonly number: number,
    private readonly wire: WireName,
    private readonly server: ServerAddress,
    private readonly member: Member,
    private readonly listener: (sink: Sink) => ConnectionListener,
  ) {}

  /** Connects, and goes on with the session that the last connection had, if there was one. */
  async connect(): Promise<void> {
    const session = this.connection?.wire.session;
    const member = session === undefined ? this.member : { ...this.member, session };
    this.connection = new Connection(this.wire, this.server, member, this.listener(this));
    await this.connection.ready();
  }

  /** Connects, and tries again after a failure, as clients do: a server's listening queue holds some hundred connections. */
  async reconnect(): Promise<void> {
    for (let waitMs = firstWaitMs; ; waitMs *= 2) {
      const failure = await this.connect().then(
        () => undefined,
        (problem) => problem,
      );
      if (failure === undefined) return;
      if (waitMs > longestWaitMs) throw failure;
      await sleep(waitMs * (0.5 + Math.random() / 2));
    }
  }

  get problem(): string | undefined {
    return this.connection?.problem;
  }

  async join(channel: string): Promise<void> {
    await this.connection?.ready(() => this.connection?.wire.join?.(channel));
  }

  async leave(): Promise<void> {
    if (this.connection?.wire.leave !== undefined) await this.connection.ready(() => this.connection?.wire.leave?.());
    this.close();
  }

  tick(): void {
    if (!this.stalled && this.problem === undefined) this.connection?.wire.tick();
  }

  stall(): void {
    this.stalled = true;
    this.connection?.stall();
  }

  close(): void {
    this.connection?.close();
  }
}
