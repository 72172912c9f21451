// A client on a scripted server and a manual clock, with all that it tells written down.

import { ConnectionReason } from "../../gen/aldis/v1/connection.js";
import type { ChannelMessage } from "../../gen/aldis/v1/history.js";
import type { PeerMessage } from "../../gen/aldis/v1/message.js";
import type { Welcome } from "../../gen/aldis/v1/session.js";
import type { DeepPartial, Event } from "../../gen/aldis/v1/stream.js";
import { connectionStates } from "../../gen/aldis/v1/tables/states.js";
import { AldisClient } from "../../src/client/client.js";
import { AldisError } from "../../src/client/error.js";
import type { ClientOptions } from "../../src/client/options.js";
import { type ClientClock, createClientClock } from "./client-clock.js";
import { ScriptedServer } from "./scripted-server.js";

export interface ScriptedClient {
  readonly client: AldisClient;
  readonly server: ScriptedServer;
  readonly clock: ClientClock;
  /** The transitions so far, for example "CONNECTED/LOGIN_SUCCESS". */
  readonly transitions: string[];
}

/** A client that has not logged in. */
export function createScriptedClient(options: Partial<ClientOptions> = {}): ScriptedClient {
  const server = new ScriptedServer();
  const clock = createClientClock();
  const client = new AldisClient({
    appId: "app",
    userId: "ann",
    token: "token-1",
    runtime: clock,
    transport: server,
    ...options,
  });
  const transitions: string[] = [];
  client.on("stateChanged", ({ state, reason }) => transitions.push(`${connectionStates[state].name}/${nameOf(reason)}`));
  return { client, server, clock, transitions };
}

/** A client that has logged in. */
export async function createConnectedClient(
  options: Partial<ClientOptions> = {},
  welcome: DeepPartial<Welcome> = {},
): Promise<ScriptedClient> {
  const scripted = createScriptedClient(options);
  const login = scripted.client.login();
  await scripted.clock.advance(1);
  scripted.server.stream.welcome(welcome);
  await login;
  return scripted;
}

/** Cuts the link and waits until the client has said hello on the next one. */
export async function reconnect({ server, clock }: ScriptedClient): Promise<void> {
  const streams = server.streams.length;
  server.stream.drop();
  for (let waited = 0; server.streams.length === streams && waited < 60; waited += 1) await clock.advance(500);
}

/** The name of the code with which a promise rejects, or "nothing" if it is fulfilled. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "nothing";
  } catch (thrown) {
    return thrown instanceof AldisError ? thrown.codeName : String(thrown);
  }
}

export function peerMessage(text: string, rest: Partial<PeerMessage> = {}): NonNullable<Event["event"]> {
  const payload = { content: { $case: "text" as const, value: text }, description: "" };
  return { $case: "peerMessage", value: { sender: "bob", serverTimeMs: 1, messageId: text, stored: false, payload, ...rest } };
}

export function channelMessage(offset: number, rest: Partial<ChannelMessage> = {}): NonNullable<Event["event"]> {
  const payload = { content: { $case: "text" as const, value: `m${offset}` }, description: "" };
  return { $case: "channelMessage", value: { channel: "room", sender: "bob", serverTimeMs: 1, offset, payload, ...rest } };
}

function nameOf(reason: ConnectionReason): string {
  return Object.entries(ConnectionReason).find(([, value]) => value === reason)?.[0] ?? String(reason);
}
