// The certificates and keys of the tests, which `tls/make.sh` has made.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The path of one of them, such as "server.pem". */
export function tlsFile(name: string): string {
  return fileURLToPath(new URL(`tls/${name}`, import.meta.url));
}

/** What is in it. */
export function pem(name: string): Buffer {
  return readFileSync(tlsFile(name));
}
