// RTM clients on a real server, with all that they tell written down.
import AgoraRTM, {
  type LocalInvitation,
  type RemoteInvitation,
  type RtmCallManager,
  type RtmChannel,
  type RtmClient,
  RtmError,
} from "aldis/rtm";
import type { DialectOptions } from "../../../src/client/dialect/shared/options.js";
import { type DialectServer, Recorder, whenFinished } from "../../support/dialect-server.js";

export interface RtmUser {
  readonly client: RtmClient;
  readonly recorder: Recorder;
}

const clientEvents = [
  "MessageFromPeer",
  "ConnectionStateChanged",
  "RemoteInvitationReceived",
  "TokenExpired",
  "TokenPrivilegeWillExpire",
  "PeersOnlineStatusChanged",
] as const;
const channelEvents = ["ChannelMessage", "MemberJoined", "MemberLeft", "MemberCountUpdated", "AttributesUpdated"] as const;
const localEvents = [
  "LocalInvitationReceivedByPeer",
  "LocalInvitationAccepted",
  "LocalInvitationRefused",
  "LocalInvitationCanceled",
  "LocalInvitationFailure",
] as const;
const remoteEvents = [
  "RemoteInvitationAccepted",
  "RemoteInvitationRefused",
  "RemoteInvitationCanceled",
  "RemoteInvitationFailure",
] as const;

/** A client that has not logged in; it is released when the test is over. */
export function createUser(server: DialectServer, options: DialectOptions = {}): RtmUser {
  const client = AgoraRTM.createInstance(server.appId, {}, { address: server.address, ...options });
  whenFinished(() => client.release());
  return { client, recorder: record(client) };
}

/** Writes down what a client tells. */
export function record(client: RtmClient): Recorder {
  const recorder = new Recorder();
  for (const event of clientEvents) client.on(event, recorder.callback(event));
  return recorder;
}

/** A client that has logged in, and whose recorder begins then. */
export async function loginUser(server: DialectServer, uid: string, options: DialectOptions = {}): Promise<RtmUser> {
  const user = createUser(server, options);
  await user.client.login({ uid, token: await server.token(uid) });
  user.recorder.clear();
  return user;
}

/** A joined channel, with what it tells. */
export async function joinChannel({ client }: RtmUser, id: string): Promise<{ channel: RtmChannel; recorder: Recorder }> {
  const channel = client.createChannel(id);
  const recorder = recordChannel(channel);
  await channel.join();
  return { channel, recorder };
}

export function recordChannel(channel: RtmChannel): Recorder {
  const recorder = new Recorder();
  for (const event of channelEvents) channel.on(event, recorder.callback(event));
  return recorder;
}

export function recordLocal(invitation: LocalInvitation): Recorder {
  const recorder = new Recorder();
  for (const event of localEvents) invitation.on(event, recorder.callback(event));
  return recorder;
}

export function recordRemote(invitation: RemoteInvitation): Recorder {
  const recorder = new Recorder();
  for (const event of remoteEvents) invitation.on(event, recorder.callback(event));
  return recorder;
}

export function recordCalls(calls: RtmCallManager): Recorder {
  const recorder = new Recorder();
  for (const event of ["RemoteInvitationReceived", ...localEvents, ...remoteEvents] as const) {
    calls.on(event, recorder.callback(event));
  }
  return recorder;
}

/** The next invitation that a user receives. */
export function nextInvitation({ client }: Pick<RtmUser, "client">): Promise<RemoteInvitation> {
  return new Promise((resolve) => client.once("RemoteInvitationReceived", resolve));
}

/** The code with which a promise rejects. 0 if it is fulfilled. */
export async function codeOf(promise: Promise<unknown>): Promise<number> {
  try {
    await promise;
    return 0;
  } catch (thrown) {
    if (thrown instanceof RtmError) return thrown.code;
    throw thrown;
  }
}

/** The code that a function throws. 0 if it throws nothing. */
export function thrownCode(run: () => unknown): number {
  try {
    run();
    return 0;
  } catch (thrown) {
    if (thrown instanceof RtmError) return thrown.code;
    throw thrown;
  }
}
