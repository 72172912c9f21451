import { Cluster } from "ioredis";
import type { RedisClient } from "./client.js";

/** How a server calls its present life. */
const runId = /^run_id:(\w+)/m;

/**
 * The life of the server behind a client. What a server has lost with its last life nobody can say, so whoever goes by positions
 * begins anew with another life. It is learned before anything else is asked over a new connection. The connections to the
 * servers of a cluster come and go behind the client's back, so there a script asks the server that runs it.
 */
export class RedisLife {
  readonly #client: RedisClient;
  #name = "";

  constructor(client: RedisClient) {
    this.#client = client;
  }

  /** Empty in a cluster. */
  get name(): string {
    return this.#name;
  }

  async learn(): Promise<void> {
    if (this.#client instanceof Cluster) return;
    this.#name = runId.exec(await this.#client.info("server"))?.[1] ?? "";
  }
}
