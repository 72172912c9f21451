// Users of the old interface with all their callbacks written down, on a real server.
import { callbackNames } from "../../../src/client/dialect/signaling/callbacks.js";
import { AgoraAPI, type SignalingOptions } from "../../../src/client/dialect/signaling/index.js";
import { type DialectServer, Recorder, whenFinished } from "../../support/dialect-server.js";

export interface User {
  readonly api: AgoraAPI;
  /** What the application was told, in order. Lines of the log are in `log`. */
  readonly heard: Recorder;
  readonly log: string[];
}

/** An instance that has not logged in. It is gone when the test is over. */
export function createUser({ address, appId }: DialectServer, options: SignalingOptions = {}): User {
  const api = AgoraAPI.createSigInstance(appId, { address, ...options });
  const [heard, log] = [new Recorder(), [] as string[]];
  api.callbackSet(Object.fromEntries(callbackNames.map((name) => [name, heard.callback(name)])));
  api.onLog = (line) => log.push(line);
  whenFinished(() => api.destroy());
  return { api, heard, log };
}

/** A user who is logged in, with nothing told yet. */
export async function loginUser(server: DialectServer, account: string, options: SignalingOptions = {}): Promise<User> {
  const user = createUser(server, options);
  user.api.login(server.appId, account, await server.token(account), 0, "");
  await user.heard.until("onLoginSuccess");
  user.heard.clear();
  return user;
}

/** Users who are in a channel, in the order of the accounts, with nothing told yet. */
export async function joinUsers<const Accounts extends readonly string[]>(
  server: DialectServer,
  channelID: string,
  ...accounts: Accounts
): Promise<{ -readonly [Index in keyof Accounts]: User }> {
  const users: User[] = [];
  for (const account of accounts) {
    const user = await loginUser(server, account);
    user.api.channelJoin(channelID);
    await user.heard.until("onChannelUserList");
    for (const [place, { heard }] of users.entries()) await heard.until("onChannelUserJoined", users.length - place);
    users.push(user);
  }
  for (const { heard } of users) heard.clear();
  return users as { -readonly [Index in keyof Accounts]: User };
}

/** Waits until everything that was caused so far has been told: a message to oneself comes behind it. */
export async function settled({ api, heard }: User, account: string): Promise<void> {
  const before = heard.of("onMessageInstantReceive").length;
  api.messageInstantSend(account, 0, "settled?", "settled");
  await heard.until("onMessageInstantReceive", before + 1);
  await heard.until("onMessageSendSuccess");
}
