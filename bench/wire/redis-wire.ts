import { type Member, Remainder, type Wire, type WireHost } from "./wire.js";

const lineEnd = Buffer.from("\r\n");
const array = "*".charCodeAt(0);
const failure = "-".charCodeAt(0);
const bulk = "$".charCodeAt(0);

/** A client of Redis's publish and subscribe. */
export class RedisWire implements Wire {
  private readonly replies = new Remainder();

  constructor(
    private readonly member: Member,
    private readonly host: WireHost,
  ) {}

  open(): void {
    if (this.member.sends) this.host.ready();
    else this.host.write(command("SUBSCRIBE", ...this.member.channels));
  }

  receive(chunk: Buffer): void {
    this.replies.feed(chunk, (bytes) => {
      let at = 0;
      for (let next = this.reply(bytes, at); next > at; next = this.reply(bytes, at)) at = next;
      return at;
    });
  }

  publish(channel: string, text: string): void {
    this.host.write(command("PUBLISH", channel, text));
  }

  tick(): void {}

  /** Takes one reply, and says where it ends: where it began, if it is not whole yet. */
  private reply(bytes: Buffer, start: number): number {
    const end = bytes.indexOf(lineEnd, start);
    if (end < 0) return start;
    if (bytes[start] === failure) this.host.failed(bytes.toString("latin1", start, end));
    if (bytes[start] !== array) return end + lineEnd.length;
    const parts = Number(bytes.toString("latin1", start + 1, end));
    let part = { start: 0, end: end + lineEnd.length };
    let kind: typeof part | undefined;
    for (let i = 0; i < parts; i += 1) {
      const next = partAt(bytes, part.end);
      if (next === undefined) return start;
      kind ??= next;
      part = next;
    }
    if (kind !== undefined) this.onArray(bytes.toString("latin1", kind.start, kind.end - 2), bytes, part);
    return part.end;
  }

  private onArray(kind: string, bytes: Buffer, last: { readonly start: number; readonly end: number }): void {
    if (kind === "subscribe") this.host.ready();
    if (kind !== "message") return;
    this.host.batch();
    this.host.delivery(bytes, last.start, last.end);
  }
}

/** A bulk string or a number, with its line end; undefined if it is not whole yet. */
function partAt(bytes: Buffer, at: number): { start: number; end: number } | undefined {
  const line = bytes.indexOf(lineEnd, at);
  if (line < 0) return undefined;
  const start = line + lineEnd.length;
  if (bytes[at] !== bulk) return { start: at + 1, end: start };
  const end = start + Number(bytes.toString("latin1", at + 1, line)) + lineEnd.length;
  return end > bytes.length ? undefined : { start, end };
}

function command(...words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join("")}`;
}
