// RTM clients and a server in one process, on a manual clock: for what takes a long time.
import AgoraRTM, { type RtmClient } from "aldis/rtm";
import type { Limits } from "../../../gen/aldis/v1/tables/limits.js";
import { CuttableTransport } from "../../../src/cli/demo/cuttable-transport.js";
import { memoryTransport } from "../../../src/server/edge/memory.js";
import type { Recorder } from "../../support/dialect-server.js";
import { startTestNode, type TestNode, testApp, testToken } from "../../support/test-node.js";
import { record } from "./support.js";

export interface ManualUser {
  readonly client: RtmClient;
  readonly recorder: Recorder;
  /** Its way to the server, which can be cut. */
  readonly link: CuttableTransport;
}

export interface ManualWorld {
  readonly node: TestNode;
  createUser(): ManualUser;
  /** A user who has logged in, and whose recorder begins then. */
  login(uid: string, token?: string): Promise<ManualUser>;
  /** Lets time pass. */
  pass(ms: number): Promise<void>;
  /** Waits for a promise, and lets as much time pass as it needs. */
  during<T>(promise: Promise<T>): Promise<T>;
}

export async function startManualWorld(limits: Partial<Limits> = {}): Promise<ManualWorld> {
  const node = await startTestNode(limits);
  const { clock, advanceAsync } = node.runtime;
  let ids = 0;
  const runtime = { clock, random: () => 0.5, randomId: () => `id-${++ids}` };
  async function during<T>(promise: Promise<T>): Promise<T> {
    let isOver = false;
    const end = (): void => {
      isOver = true;
    };
    promise.then(end, end);
    while (!isOver) await advanceAsync(1);
    return await promise;
  }
  const createUser = (): ManualUser => {
    const link = new CuttableTransport(memoryTransport(node.node.accept));
    const client = AgoraRTM.createInstance(testApp, {}, { transport: link, runtime });
    return { client, recorder: record(client), link };
  };
  return {
    node,
    createUser,
    async login(uid, token = testToken(uid)) {
      const user = createUser();
      await during(user.client.login({ uid, token }));
      user.recorder.clear();
      return user;
    },
    pass: advanceAsync,
    during,
  };
}
