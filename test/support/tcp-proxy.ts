import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Where a proxy leads to. */
export interface ProxyTarget {
  readonly host: string;
  readonly port: number;
}

/** A way over TCP that a test can cut, stall, delay and point elsewhere. */
export class TcpProxy {
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  readonly #server: Server;
  #state: "open" | "cut" | "stalled" = "open";
  #delayMs = 0;

  private constructor(private target: ProxyTarget) {
    this.#server = createServer((near) => this.#connect(near));
  }

  /** Listens on a free port of this machine. */
  static async start(target: ProxyTarget): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  /** Ends all connections at once, and every new one as soon as it is made, until `restore`. */
  cut(): void {
    this.#state = "cut";
    this.#end();
  }

  /** Keeps all connections and takes new ones, but lets no byte through until `restore`. */
  stall(): void {
    this.#state = "stalled";
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  /** Takes back `cut` and `stall`: what has waited goes on. */
  restore(): void {
    this.#state = "open";
    for (const pair of this.#pairs) for (const socket of pair) socket.resume();
  }

  /** Lets every byte wait for some milliseconds, in both directions; 0 for none. Their order stays. */
  delay(ms: number): void {
    this.#delayMs = ms;
  }

  /** Ends all connections; new ones lead to another place. */
  pointTo(target: ProxyTarget): void {
    this.target = target;
    this.#end();
  }

  async stop(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, "close");
  }

  #connect(near: Socket): void {
    if (this.#state === "cut") {
      near.destroy();
      return;
    }
    const far = connect({ ...this.target, noDelay: true });
    near.setNoDelay(true);
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    const end = () => {
      this.#pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    for (const [from, to] of [pair, [far, near] as const]) {
      const pass = this.#passage(to);
      from.on("data", pass);
      from.on("error", end);
      from.on("close", end);
      if (this.#state === "stalled") from.pause();
    }
  }

  /** One direction of a connection. What comes later never overtakes, also when the delay becomes shorter. */
  #passage(to: Socket): (bytes: Buffer) => void {
    let waiting = 0;
    let last = Promise.resolve();
    return (bytes) => {
      if (this.#delayMs === 0 && waiting === 0) {
        to.write(bytes);
        return;
      }
      waiting += 1;
      last = Promise.all([last, sleep(this.#delayMs)]).then(() => {
        waiting -= 1;
        if (!to.destroyed) to.write(bytes);
      });
    };
  }

  #end(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }
}
