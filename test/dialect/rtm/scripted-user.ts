// An RTM client on a scripted server and a manual clock: for what no real server can be made to say.
import AgoraRTM, { type RtmClient } from "aldis/rtm";
import { type ClientClock, createClientClock } from "../../support/client-clock.js";
import { whenFinished } from "../../support/dialect-server.js";
import { ScriptedServer } from "../../support/scripted-server.js";

export interface ScriptedUser {
  readonly client: RtmClient;
  readonly server: ScriptedServer;
  readonly clock: ClientClock;
}

/** A client that has not logged in. */
export function createScriptedUser(): ScriptedUser {
  const server = new ScriptedServer();
  const clock = createClientClock();
  const client = AgoraRTM.createInstance("app", {}, { transport: server, runtime: clock });
  whenFinished(() => void client.release());
  return { client, server, clock };
}

/** A client that has logged in. */
export async function loginScriptedUser(): Promise<ScriptedUser> {
  const user = createScriptedUser();
  const login = user.client.login({ uid: "ann", token: "token" });
  await user.clock.advance(1);
  user.server.stream.welcome();
  await login;
  return user;
}
