// A server and users of the old interface on one clock that a test moves: for what takes long in real time.
import { ConnectResponse } from "../../../gen/aldis/v1/stream.js";
import type { Limits } from "../../../gen/aldis/v1/tables/limits.js";
import { callbackNames } from "../../../src/client/dialect/signaling/callbacks.js";
import { AgoraAPI, type SignalingOptions } from "../../../src/client/dialect/signaling/index.js";
import type { Runtime } from "../../../src/client/runtime.js";
import type { Transport } from "../../../src/client/transport/transport.js";
import { memoryTransport } from "../../../src/server/edge/memory.js";
import { createClientClock } from "../../support/client-clock.js";
import { Recorder, whenFinished } from "../../support/dialect-server.js";
import { startTestNode, testApp, testToken } from "../../support/test-node.js";
import type { User } from "./users.js";

export interface ManualServer {
  readonly appId: string;
  readonly transport: Transport;
  /** The clock of the clients, which is the server's. */
  readonly runtime: Runtime;
  /** A way to the server on which nothing comes back but the welcome and heartbeats. */
  deafAfterLogin(): Transport;
  /** A token that is good for a time in milliseconds, or for ever. */
  token(userId: string, validForMs?: number): string;
  /** Lets time pass for all, and lets promises settle. */
  advance(ms: number): Promise<void>;
  createUser(options?: SignalingOptions): User;
  /** A user who is logged in, with nothing told yet. */
  loginUser(account: string, options?: SignalingOptions): Promise<User>;
}

export async function startManualServer(limits: Partial<Limits> = {}): Promise<ManualServer> {
  const { node, runtime } = await startTestNode(limits);
  whenFinished(() => node.close());
  const transport = memoryTransport(node.accept);
  const ids = createClientClock();
  const clientRuntime = { clock: runtime.clock, random: () => 0.5, randomId: () => ids.randomId() };
  const server: ManualServer = {
    appId: testApp,
    transport,
    runtime: clientRuntime,
    deafAfterLogin: () => ({
      open: (listener) =>
        transport.open({
          onFrame: (frame) => ConnectResponse.decode(frame).control === undefined || listener.onFrame(frame),
          onClosed: (problem) => listener.onClosed(problem),
        }),
    }),
    token: (userId, validForMs) => testToken(userId, validForMs && runtime.clock.now() + validForMs),
    advance: (ms) => runtime.advanceAsync(ms),
    createUser(options) {
      const api = AgoraAPI.createSigInstance(testApp, { transport, runtime: clientRuntime, ...options });
      const [heard, log] = [new Recorder(), [] as string[]];
      api.callbackSet(Object.fromEntries(callbackNames.map((name) => [name, heard.callback(name)])));
      api.onLog = (line) => log.push(line);
      whenFinished(() => api.destroy());
      return { api, heard, log };
    },
    async loginUser(account, options) {
      const user = server.createUser(options);
      user.api.login(testApp, account, testToken(account), 0, "");
      await runtime.advanceAsync(100);
      user.heard.clear();
      return user;
    },
  };
  return server;
}
