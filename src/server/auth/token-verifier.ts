import type { TokenRights } from "../../../gen/aldis/v1/admin_service.js";
import type { ErrorCode } from "../../../gen/aldis/v1/error.js";

/** What a good token says. Whether it is for the app and user at the door is the caller's question. */
export interface TokenClaims {
  readonly appId: string;
  readonly userId: string;
  /** When it was issued, in milliseconds since 1970; 0 if it does not say. */
  readonly issuedAtMs: number;
  /** When it expires, in milliseconds since 1970; 0 for never. */
  readonly expiresAtMs: number;
  /** What it allows. */
  readonly rights: TokenRights;
}

/** `code` is `TOKEN_EXPIRED`, `INVALID_TOKEN`, or `UNAVAILABLE` if the keys cannot be had now; `message` is a sentence for people, without any part of the token. */
export type VerifyResult =
  | { readonly ok: true; readonly claims: TokenClaims }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string };

/** Tells good tokens from bad ones. A port: each format of tokens is an implementation. */
export interface TokenVerifier {
  /** True if there can be a good token for the app. */
  serves(appId: string): boolean;
  /** Checks a token from outside, which may be any text. Never throws, and its promise never rejects. */
  verify(token: string): Promise<VerifyResult>;
}
