import { readFileSync } from "node:fs";

/** Files in PEM by which a server of Redis and its clients know each other: each shows the same certificate. */
export interface RedisTlsFiles {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

/** The settings of a server that is reached over TLS only, by those who show a certificate. */
export function tlsSettings(
  { authority, certificate, key }: RedisTlsFiles,
  port: number,
): readonly (readonly [string, string])[] {
  return [
    ["port", "0"],
    ["tls-port", `${port}`],
    ["tls-ca-cert-file", authority],
    ["tls-cert-file", certificate],
    ["tls-key-file", key],
    ["tls-replication", "yes"],
    ["tls-cluster", "yes"],
  ];
}

/** How a client reaches such a server. */
export function tlsOfClient({ authority, certificate, key }: RedisTlsFiles) {
  return { ca: readFileSync(authority), cert: readFileSync(certificate), key: readFileSync(key) };
}
