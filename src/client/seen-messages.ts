/** How many ids are remembered. */
const rememberedIds = 1000;

/** The ids of the latest messages from peers: what a crash of the server makes it send again is told once. */
export class SeenMessages {
  readonly #ids = new Set<string>();

  /** Notes a message. False if it was seen before. An empty id is never remembered. */
  add(messageId: string): boolean {
    if (messageId === "") return true;
    if (this.#ids.has(messageId)) return false;
    this.#ids.add(messageId);
    const [oldest] = this.#ids;
    if (this.#ids.size > rememberedIds && oldest !== undefined) this.#ids.delete(oldest);
    return true;
  }
}
