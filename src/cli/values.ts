// What people type after options, read or refused.
import { InvalidArgumentError } from "commander";

const unitMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const longestMs = 3650 * unitMs.d;

/** "15m" in milliseconds. Throws what commander shows as a wrong value. */
export function parseDuration(text: string): number {
  const [, count, unit] = /^(\d{1,12})([smhd])$/.exec(text) ?? [];
  const ms = Number(count) * unitMs[unit as keyof typeof unitMs];
  if (ms > 0 && ms <= longestMs) return ms;
  throw new InvalidArgumentError("It must be like 30s, 15m, 24h or 7d, and at most 3650d.");
}

/** A whole number above 0. Throws what commander shows as a wrong value. */
export function parseCount(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number above 0.");
}

/** The id of a user. Throws what commander shows as a wrong value. */
export function parseUser(text: string): string {
  if (text !== "") return text;
  throw new InvalidArgumentError("It must not be empty.");
}

/** "host:port", checked. Throws what commander shows as a wrong value. */
export function parseAddress(text: string): string {
  const { host, port } = hostAndPort(text);
  if (host !== "" && port >= 1 && port <= 65535) return text;
  throw new InvalidArgumentError("It must be like 127.0.0.1:7400 or [::1]:7400.");
}

/** One or several of "host:port", with commas. Throws what commander shows as a wrong value. */
export function parseAddresses(text: string): readonly string[] {
  return text.split(",").map((address) => parseAddress(address.trim()));
}

/** The two parts of "host:port"; the host is empty and the port 0 if the text has another form. */
export function hostAndPort(address: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(address) ?? [];
  return { host: bracketed ?? plain ?? "", port: Number(port ?? 0) };
}
