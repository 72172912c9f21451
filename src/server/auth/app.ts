import type { LimitName, Limits } from "../../../gen/aldis/v1/tables/limits.js";
import type { SecretTokenKey, TokenKey } from "./token-key.js";

/** What a token's header says of its key. */
export interface KeyHint {
  readonly algorithm: string;
  readonly id?: string;
}

/** Where an app's keys come from. */
export interface KeySource {
  /** The keys that a token may be signed with, most likely one. Rejects with `KeysUnavailable` if they cannot be had now. */
  find(hint: KeyHint): Promise<readonly TokenKey[]>;
}

/** The keys of an app cannot be had now, so its tokens cannot be checked: nobody gets in. */
export class KeysUnavailable extends Error {}

/** An app: a tenant, whose users, channels and limits are apart from those of all others. */
export interface App {
  readonly id: string;
  readonly keys: KeySource;
  /** What the claim `aud` of its tokens must contain. Undefined for anything. */
  readonly audience?: string;
  /** What the claim `iss` of its tokens must be. Undefined for anything. */
  readonly issuer?: string;
  /** The limits that it has of its own, in place of those of the server. */
  readonly limits?: Readonly<Partial<Pick<Limits, AppLimitName>>>;
}

/** The limits of an app as a whole. */
export const appLimitNames = ["appSessions", "appChannels", "appMessages"] as const satisfies readonly LimitName[];
export type AppLimitName = (typeof appLimitNames)[number];

/** The apps that a server serves. */
export interface AppDirectory {
  find(appId: string): App | undefined;
}

/** Keys that are known beforehand. */
export function fixedKeys(keys: readonly TokenKey[]): KeySource {
  return { find: async (hint) => keys.filter((key) => fits(key, hint)) };
}

/** True if a token with this hint may be signed with the key: same algorithm, and the same id where both have one. */
export function fits(key: TokenKey, { algorithm, id }: KeyHint): boolean {
  return key.algorithm === algorithm && (key.id === undefined || id === undefined || key.id === id);
}

/** The directory of one app. */
export function singleApp(app: App): AppDirectory {
  return { find: (appId) => (appId === app.id ? app : undefined) };
}

/** The apps of a server, which may change while it runs. */
export interface ServedApps extends AppDirectory {
  readonly ids: readonly string[];
  /** Another number when apps or keys are others. */
  readonly revision: number;
  /** The newest secret of an app, to issue tokens with. Undefined if it has public keys only: then others sign. */
  signingKey(appId: string): SecretTokenKey | undefined;
}

/** One app with one secret, which stay as they are. */
export function fixedApp(id: string, key: SecretTokenKey): ServedApps {
  return {
    ...singleApp({ id, keys: fixedKeys([key]) }),
    ids: [id],
    revision: 0,
    signingKey: (appId) => (appId === id ? key : undefined),
  };
}
