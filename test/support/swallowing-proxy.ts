import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/** A way over TCP that can let calls through and lose their answers, as a network that fails at the wrong moment does. */
export class SwallowingProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #swallows = false;
  #onSwallowed = () => {};

  private constructor(target: { readonly host: string; readonly port: number }) {
    this.#server = createServer((near) => {
      const far = connect(target);
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on("error", () => {});
        socket.on("close", () => {
          this.#sockets.delete(socket);
          near.destroy();
          far.destroy();
        });
      }
      near.on("data", (bytes) => far.write(bytes));
      far.on("data", (bytes) => {
        if (!this.#swallows) return near.write(bytes);
        near.destroy();
        this.#onSwallowed();
      });
    });
  }

  static async start(target: { readonly host: string; readonly port: number }): Promise<SwallowingProxy> {
    const proxy = new SwallowingProxy(target);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  readonly host = "127.0.0.1";

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  /**
   * The next answer is lost, and its connection with it; so are those of connections that come until `restore`. Resolves when one has been
   * lost.
   */
  swallow(): Promise<void> {
    this.#swallows = true;
    return new Promise((resolve) => {
      this.#onSwallowed = resolve;
    });
  }

  restore(): void {
    this.#swallows = false;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}
