/** A key that signs and checks tokens. It is bound to one algorithm, so no token can choose another one for it. */
export interface TokenKey {
  readonly algorithm: "HS256";
  readonly secret: Uint8Array;
}

/** The key of a secret text: its bytes in UTF-8. */
export function secretTokenKey(secret: string): TokenKey {
  return { algorithm: "HS256", secret: new TextEncoder().encode(secret) };
}
