import type { TokenSource } from "../options.js";

/** Knows the token to use next: one that the application gave, until the server refuses it, or else that of the source. */
export class TokenKeeper {
  readonly #source: TokenSource;
  #given: string | undefined;

  constructor(source: TokenSource) {
    this.#source = source;
  }

  /** A token for a login. Rejects if the source fails. */
  async next(): Promise<string> {
    return this.#given ?? (typeof this.#source === "string" ? this.#source : await this.#source());
  }

  /** A new token from the source. Undefined if the source knows one only. Rejects if the source fails. */
  async fresh(): Promise<string | undefined> {
    if (typeof this.#source === "string") return undefined;
    this.#given = undefined;
    return await this.#source();
  }

  /** Uses a token of the application's from now on. */
  give(token: string): void {
    this.#given = token;
  }

  /** Forgets a token that the server has refused. */
  refuse(): void {
    this.#given = undefined;
  }
}
