import type { Target } from "../target.js";
import { GrpcConnection, logIn } from "../wire/grpc-connection.js";
import { type Attack, repeat } from "./attack.js";

const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const endless = { sub: "root", app: "dev", aud: "dev", exp: 9_999_999_999, iat: 1 };

/** Tokens that are good for something else, or for nothing. */
const tokens: readonly ((target: Target, userId: string) => Promise<string>)[] = [
  (target, userId) => target.token(userId, "another-app"),
  (target) => target.token("somebody-else"),
  async (_, userId) => `${base64({ alg: "none" })}.${base64({ ...endless, sub: userId })}.`,
  async (_, userId) => `${base64({ alg: "HS256" })}.${base64({ ...endless, sub: userId })}.${"A".repeat(43)}`,
  async (_, userId) => `${base64({ alg: "RS256", jwk: { kty: "oct", k: "AA" } })}.${base64({ ...endless, sub: userId })}.AA`,
  async (target, userId) => {
    const [head, , signature] = (await target.token(userId)).split(".");
    return `${head}.${base64({ ...endless, sub: userId })}.${signature}`;
  },
  async () => "",
  async () => "a.b.c",
  async () => "x".repeat(4000),
];

/** Tokens of other apps and users, with other signatures, or with none. */
export const foreignTokens: Attack = {
  name: "foreign-tokens",
  about: "tokens of another app or user, forged ones, and those without a signature",
  run: (target) =>
    repeat(target, 4, async () => {
      const userId = target.nextUser();
      const token = await target.random.pick(tokens)(target, userId);
      const user = await logIn(target, userId, { token });
      if (user !== undefined) target.tally.breach("a login with a token that is not good for it");
      user?.connection.leave();
      const connection = new GrpcConnection(target);
      const stream = connection.stream("/aldis.v1.RealtimeService/QueryPresence", { authorization: `Bearer ${token}` });
      stream?.send(new Uint8Array(0));
      stream?.end();
      await stream?.ended();
      connection.leave();
    }),
};
