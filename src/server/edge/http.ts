import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** What the HTTP edge shows: whether the process lives and can serve, and its figures. */
export interface HttpSources {
  /** Undefined if the server can take more clients, else why not, in a few words. */
  obstacle(): string | undefined;
  metrics(): Promise<{ readonly type: string; readonly text: string }>;
}

const plain = "text/plain; charset=utf-8";

/** The edge for operators: `/livez`, `/readyz` and `/metrics`. It has nothing of any user. */
export class HttpEdge {
  private constructor(
    private readonly server: Server,
    readonly address: string,
  ) {}

  /** Listens. Rejects with an Error whose message names the address if that cannot be had. */
  static listen(host: string, port: number, sources: HttpSources): Promise<HttpEdge> {
    const server = createServer((request, response) => {
      answer(request.method ?? "", request.url ?? "", sources).then(
        ({ status, type, text }) => response.writeHead(status, { "content-type": type }).end(text),
        () => response.writeHead(500, { "content-type": plain }).end("the figures could not be read\n"),
      );
    });
    return new Promise((resolve, reject) => {
      server.once("error", (failure) =>
        reject(new Error(`cannot listen for HTTP on ${host}:${port}: ${failure.message}`, { cause: failure })),
      );
      server.listen(port, host, () => resolve(new HttpEdge(server, `${host}:${(server.address() as AddressInfo).port}`)));
    });
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

async function answer(method: string, url: string, sources: HttpSources) {
  if (method !== "GET" && method !== "HEAD") return { status: 405, type: plain, text: "only GET\n" };
  switch (url.split("?")[0]) {
    case "/livez":
      return { status: 200, type: plain, text: "ok\n" };
    case "/readyz": {
      const obstacle = sources.obstacle();
      return { status: obstacle === undefined ? 200 : 503, type: plain, text: `${obstacle ?? "ok"}\n` };
    }
    case "/metrics": {
      const { type, text } = await sources.metrics();
      return { status: 200, type, text };
    }
    default:
      return { status: 404, type: plain, text: "here are /livez, /readyz and /metrics\n" };
  }
}
