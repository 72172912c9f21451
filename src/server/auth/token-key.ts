import { createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";

/** The least length of a secret in bytes: that of the hash of HS256. */
export const minSecretBytes = 32;

/** The algorithms that a key may be for. One that is not here, "none" above all, is never tried. */
export const publicAlgorithms = ["RS256", "PS256", "ES256", "ES384", "EdDSA"] as const;
export type PublicAlgorithm = (typeof publicAlgorithms)[number];

/** A secret that both signs and checks tokens. */
export interface SecretTokenKey {
  readonly algorithm: "HS256";
  readonly secret: Uint8Array;
  /** What a token's header calls it (`kid`). Undefined for a key that any token may be for. */
  readonly id?: string;
}

/** The public half of a key pair: it checks tokens, and whoever holds the other half signs them. */
export interface PublicTokenKey {
  readonly algorithm: PublicAlgorithm;
  readonly publicKey: KeyObject;
  readonly id?: string;
}

/** A key that checks tokens. It is bound to one algorithm, so no token can choose another one for it. */
export type TokenKey = SecretTokenKey | PublicTokenKey;

/** The key of a secret text: its bytes in UTF-8. */
export function secretTokenKey(secret: string, id?: string): SecretTokenKey {
  return { algorithm: "HS256", secret: new TextEncoder().encode(secret), id };
}

const minRsaBits = 2048;
const algorithmOfCurve: Readonly<Record<string, PublicAlgorithm>> = { prime256v1: "ES256", secp384r1: "ES384" };

/**
 * The key of a public key in PEM, or as a JSON Web Key. Throws an `Error` that says what is wrong with it: it is none, is weak, is
 * a private one, or does not fit the algorithm. Without an algorithm it gets the usual one of its type, RS256 for RSA.
 */
export function publicTokenKey(text: string | JsonWebKey, id?: string, algorithm?: PublicAlgorithm): PublicTokenKey {
  if (typeof text === "string" ? text.includes("PRIVATE KEY") : "d" in text) {
    throw new Error("it is a private key, and the server needs only the public one");
  }
  const publicKey = typeof text === "string" ? createPublicKey(text) : createPublicKey({ key: text, format: "jwk" });
  const fitting = algorithmsFor(publicKey);
  const chosen = algorithm ?? fitting[0];
  if (chosen === undefined || !fitting.includes(chosen)) {
    throw new Error(`it does not fit ${algorithm ?? "any algorithm"}; it ${describe(fitting)}`);
  }
  return { algorithm: chosen, publicKey, id };
}

function describe(fitting: readonly PublicAlgorithm[]): string {
  return fitting.length === 0
    ? `must be RSA of ${minRsaBits} bits or more, P-256, P-384 or Ed25519`
    : `fits ${fitting.join(", ")}`;
}

function algorithmsFor({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): readonly PublicAlgorithm[] {
  switch (asymmetricKeyType) {
    case "rsa":
      return (asymmetricKeyDetails?.modulusLength ?? 0) >= minRsaBits ? ["RS256", "PS256"] : [];
    case "ec": {
      const algorithm = algorithmOfCurve[asymmetricKeyDetails?.namedCurve ?? ""];
      return algorithm === undefined ? [] : [algorithm];
    }
    case "ed25519":
      return ["EdDSA"];
    default:
      return [];
  }
}
