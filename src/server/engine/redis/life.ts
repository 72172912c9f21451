import { createHash } from "node:crypto";
import { Cluster } from "ioredis";
import type { RedisClient } from "./client.js";

/** How a server calls its present life. */
const runId = /^run_id:(\w+)/m;

/**
 * The lives of the servers behind a client. What a server has lost with its last life nobody can say, so whoever goes by positions
 * begins anew with another life. It is learned before anything else is asked over a new connection.
 */
export class RedisLife {
  readonly #client: RedisClient;
  #name = "";

  constructor(client: RedisClient) {
    this.#client = client;
    // In a cluster the connection to one server comes and goes behind the client's back.
    if (client instanceof Cluster) client.on("+node", () => this.learn().catch(() => {}));
  }

  /** One name for all of them. */
  get name(): string {
    return this.#name;
  }

  async learn(): Promise<void> {
    const servers = this.#client instanceof Cluster ? this.#client.nodes("master") : [this.#client];
    const ids = await Promise.all(servers.map(async (server) => runId.exec(await server.info("server"))?.[1] ?? ""));
    const [only = ""] = ids;
    this.#name = ids.length === 1 ? only : createHash("sha1").update(ids.sort().join()).digest("hex");
  }
}
