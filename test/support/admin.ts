// A server with an admin key, and whoever calls its admin service.
import { onTestFinished, vi } from "vitest";
import type { WatchEventsResponse } from "../../gen/aldis/v1/admin_service.js";
import type { DeepPartial } from "../../gen/aldis/v1/stream.js";
import type { AdminOperationName, AdminOperations } from "../../gen/aldis/v1/tables/admin-operations.js";
import { type AdminClient, AldisError, createAdminClient, createClient } from "../../src/client/index.js";
import type { ClientOptions } from "../../src/client/options.js";
import { startTestServer, type TestServer } from "./test-server.js";

export const adminKey = "an admin key of tests, 32 bytes or more".replaceAll(" ", "-");

/** Waits until an expectation holds. */
export const eventually = (expectation: () => void | Promise<void>) =>
  vi.waitFor(expectation, { timeout: 20_000, interval: 5 });

export interface AdminTest extends TestServer {
  readonly admin: AdminClient;
  /** Calls an operation about the app of the server. */
  call<K extends AdminOperationName>(
    operation: K,
    request?: DeepPartial<AdminOperations[K]["request"]>,
  ): Promise<AdminOperations[K]["response"]>;
  /** The client of a user who has logged in. */
  user(userId: string, options?: Partial<ClientOptions>): Promise<ReturnType<typeof createClient>>;
  /** What a watch brings, until the test is over. */
  watch(resumeToken?: string): { readonly events: WatchEventsResponse[]; stop(): void };
}

export async function startAdminTest(config: Parameters<typeof startTestServer>[0] = {}): Promise<AdminTest> {
  const test = await startTestServer({ adminKey, ...config });
  const { server, address } = test;
  const admin = createAdminClient({ address, key: adminKey });
  onTestFinished(() => admin.close());
  return {
    ...test,
    admin,
    call: (operation, request) => admin.call(operation, Object.assign({ appId: server.appId }, request)),
    async user(userId, options = {}) {
      const token = await server.issueToken({ userId });
      const client = createClient({ address, appId: server.appId, userId, token, ...options });
      onTestFinished(() => client.close());
      await client.login();
      return client;
    },
    watch(resumeToken = "") {
      const events: WatchEventsResponse[] = [];
      const listener = { onEvent: (event: WatchEventsResponse) => events.push(event), onRefused: () => {} };
      const stop = admin.watch({ appId: server.appId, resumeToken }, listener);
      onTestFinished(stop);
      return { events, stop };
    },
  };
}

/** The name of the code with which a call fails, or "nothing". */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "nothing";
  } catch (thrown) {
    return thrown instanceof AldisError ? thrown.codeName : String(thrown);
  }
}
