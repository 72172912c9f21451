export interface AppServerPost {
  readonly url: URL;
  /** Where to connect: to one of these addresses, whatever the name of the host says by then. At least one. */
  readonly addresses: readonly string[];
  readonly body: string;
  /** Cuts the connection. */
  readonly signal: AbortSignal;
  readonly maxReplyBytes: number;
}

export interface AppServerReply {
  /** The HTTP status. That of a redirect is an answer like any other. */
  readonly status: number;
  /** Undefined if it is longer than `maxReplyBytes`. */
  readonly body: Uint8Array | undefined;
}

/** The network between the server and application servers. */
export interface AppServerNetwork {
  /** The addresses of a host name: at least one. Rejects if there is none. An address is its own. */
  resolve(host: string): Promise<readonly string[]>;
  /** Posts once. Rejects if no whole answer comes. */
  post(post: AppServerPost): Promise<AppServerReply>;
}
