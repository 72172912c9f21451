import { ServerProcess } from "../../scripts/support/server-process.js";
import { createClient, type GrpcOptions } from "../../src/client/index.js";
import type { ClientOptions } from "../../src/client/options.js";
import { issueToken } from "../../src/server/auth/jwt.js";
import { secretTokenKey } from "../../src/server/auth/token-key.js";
import { systemRuntime } from "../../src/server/runtime.js";

const secret = "the secret of the server processes, 32 bytes and more";
const appId = "dev";

/** Limits under which nothing is refused or forgotten for another reason than the fault that a test is about. */
const wideLimits = {
  ...{
    channelSends: 1e9,
    oneChannelSends: 1e9,
    peerSends: 1e9,
    channelAttributeWrites: 1e9,
    invitationCalls: 1e9,
    logins: 1e9,
    sameChannelJoins: 1e9,
  },
  ...{
    channelHistoryMessages: 1e5,
    channelHistoryAgeMs: 1e9,
    historyReads: 1e9,
    inboxMessages: 1e5,
    invitationsPerUser: 1e4,
    frames: 1e9,
    addressConnectionAttempts: 1e9,
    addressLogins: 1e9,
    addressRequests: 1e9,
    addressResets: 1e9,
  },
};

/** How a server is started. */
export interface TestProcessOptions {
  readonly flags: readonly string[];
  /** What differs from limits that refuse nothing. */
  readonly limits?: Readonly<Record<string, number>>;
  /** Where its log goes: a file that is open. By default to standard error, the worst lines only. */
  readonly log?: number;
}

export type Client = ReturnType<typeof createClient>;

/** Starts a real server in a process of its own, as an operator does, with limits that refuse nothing. */
export function startServerProcess({ flags, limits, log }: TestProcessOptions): Promise<ServerProcess> {
  const settings = Object.entries({ ...wideLimits, ...limits }).flatMap(([name, value]) => ["--limit", `${name}=${value}`]);
  const level = ["--log-level", log === undefined ? "fatal" : "info"];
  return ServerProcess.start({ flags: [...level, ...flags, ...settings], env: { ALDIS_TOKEN_SECRET: secret }, log });
}

/** A client of servers that `ServerProcess` has started. */
export function clientOf(route: GrpcOptions, userId: string, options: Partial<ClientOptions> = {}): Client {
  const key = secretTokenKey(secret);
  const token = () => issueToken({ appId, userId, key, runtime: systemRuntime });
  return createClient({ ...route, appId, userId, token, ...options });
}
