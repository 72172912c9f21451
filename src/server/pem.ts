import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";

/** A file that was read. */
export interface PemFile {
  readonly path: string;
  readonly content: string | Buffer;
}

/** A certificate and its key. */
export interface PemPair {
  readonly certificate: PemFile;
  readonly key: PemFile;
}

/** Checks that a certificate and its key do for TLS, and gives the certificate. Throws an `Error` that names the file at fault. */
export function checkPair({ certificate, key }: PemPair): X509Certificate {
  const leaf = attempt(`"${certificate.path}" holds no certificate in PEM`, () => new X509Certificate(certificate.content));
  if (!leaf.checkPrivateKey(privateKeyIn(key)))
    throw new Error(`the key in "${key.path}" is not that of the certificate in "${certificate.path}"`);
  attempt("the files cannot be used for TLS", () => createSecureContext({ cert: certificate.content, key: key.content }));
  return leaf;
}

/** Checks certificates by which others are known. Throws an `Error` that names the file if there is none in it. */
export function checkAuthorities({ path, content }: PemFile): void {
  attempt(`"${path}" holds no certificates in PEM`, () => new X509Certificate(content));
  attempt(`"${path}" cannot be used for TLS`, () => createSecureContext({ ca: content }));
}

function privateKeyIn({ path, content }: PemFile): KeyObject {
  return attempt(`"${path}" holds no private key in PEM without a password`, () => createPrivateKey(content));
}

function attempt<T>(problem: string, make: () => T): T {
  try {
    return make();
  } catch (thrown) {
    throw new Error(problem, { cause: thrown });
  }
}
