// Engines of `aldis/rts` for tests, with all that they tell written down.

import {
  RTS,
  type RTSDelegate,
  type RTSParameters,
  type RTSRoom,
  type RTSRoomDelegate,
} from "../../../src/client/dialect/rts/index.js";
import { GrpcTransport } from "../../../src/client/index.js";
import type { Link, LinkListener, Transport } from "../../../src/client/transport/transport.js";
import { type ClientClock, createClientClock } from "../../support/client-clock.js";
import { type DialectServer, Recorder, type Told, whenFinished } from "../../support/dialect-server.js";
import { ScriptedServer } from "../../support/scripted-server.js";

/** Those of the engine but for the statistics, which come all the time. */
const engineCallbacks = [
  "onCreateRoomStateChanged",
  "onLoginResult",
  "onLogout",
  "onServerParamsSetResult",
  "onGetPeerOnlineStatus",
  "onMessageReceived",
  "onBinaryMessageReceived",
  "onMessageSendResult",
  "onServerMessageSendResult",
  "onConnectionStateChanged",
] as const satisfies readonly (keyof RTSDelegate)[];

const roomCallbacks = [
  "onRoomStateChanged",
  "onLeaveRoom",
  "onUserJoined",
  "onUserLeave",
  "onRoomMessageReceived",
  "onRoomBinaryMessageReceived",
  "onRoomMessageSendResult",
] as const satisfies readonly (keyof RTSRoomDelegate)[];

/** Writes down all callbacks of an engine and of its rooms, in one order. */
export class RtsRecorder extends Recorder {
  readonly delegate = this.#delegate(engineCallbacks);
  readonly roomDelegate = this.#delegate(roomCallbacks);

  /** What was told but for the connection's states. */
  get events(): readonly Told[] {
    return this.told.filter(([name]) => name !== "onConnectionStateChanged");
  }

  /** The states of the connection that were told. */
  get states(): readonly unknown[] {
    return this.of("onConnectionStateChanged").flat();
  }

  #delegate(names: readonly string[]): RTSDelegate & RTSRoomDelegate {
    return Object.fromEntries(names.map((name) => [name, this.callback(name)]));
  }
}

export interface TestEngine {
  readonly rts: RTS;
  readonly recorder: RtsRecorder;
}

/** An engine that has not logged in. It is destroyed when the test is over. */
export function createEngine(appId: string, parameters: RTSParameters, delegate: RTSDelegate = {}): TestEngine {
  const recorder = new RtsRecorder();
  const rts = RTS.createRTS(appId, { ...recorder.delegate, ...delegate }, parameters);
  if (rts === null) throw new Error("there is no engine");
  whenFinished(() => rts.destroyRTS());
  return { rts, recorder };
}

/** An engine whose user has logged in at a real server. */
export async function loginEngine(server: DialectServer, uid: string, parameters: RTSParameters = {}): Promise<TestEngine> {
  const engine = createEngine(server.appId, { address: server.address, ...parameters });
  engine.rts.login(await server.token(uid), uid);
  await engine.recorder.until("onLoginResult");
  return engine;
}

/** A room of the engine that tells what happens to the engine's recorder. */
export function createRoom({ rts, recorder }: TestEngine, roomId = "room"): RTSRoom {
  const room = rts.createRoom(roomId);
  if (room === null) throw new Error("there is no room");
  room.setRTSRoomDelegate(recorder.roomDelegate);
  return room;
}

/** A room that the engine's user has joined. */
export async function joinRoom(engine: TestEngine, roomId = "room"): Promise<RTSRoom> {
  const room = createRoom(engine, roomId);
  const before = engine.recorder.of("onRoomStateChanged").length;
  room.joinRoom();
  await engine.recorder.until("onRoomStateChanged", before + 1);
  return room;
}

/** A way to a real server that can be broken. */
export class BreakableTransport implements Transport {
  /** True while there is no way to the server. */
  broken = false;
  readonly #transport: Transport;
  readonly #cuts = new Set<() => void>();

  constructor(address: string) {
    this.#transport = new GrpcTransport({ address });
  }

  open(listener: LinkListener): Link {
    if (this.broken) {
      queueMicrotask(() => listener.onClosed({ message: "There is no way." }));
      return { send: () => {}, close: () => {} };
    }
    const cut = (): void => {
      if (!this.#cuts.delete(cut)) return;
      link.close();
      listener.onClosed({ message: "The wire was cut." });
    };
    const link = this.#transport.open({
      onFrame: (frame) => this.#cuts.has(cut) && listener.onFrame(frame),
      onClosed: (problem) => this.#cuts.delete(cut) && listener.onClosed(problem),
    });
    this.#cuts.add(cut);
    return link;
  }

  /** Cuts the links that there are. */
  cut(): void {
    for (const cut of [...this.#cuts]) cut();
  }
}

export interface ScriptedEngine extends TestEngine {
  readonly server: ScriptedServer;
  readonly clock: ClientClock;
}

/** An engine on a scripted server and a manual clock, which has not logged in. */
export function createScriptedEngine(parameters: RTSParameters = {}, delegate: RTSDelegate = {}): ScriptedEngine {
  const [server, clock] = [new ScriptedServer(), createClientClock()];
  return { ...createEngine("app", { transport: server, runtime: clock, ...parameters }, delegate), server, clock };
}

/** An engine on a scripted server whose user "ann" has logged in. */
export async function loginScriptedEngine(parameters: RTSParameters = {}): Promise<ScriptedEngine> {
  const engine = createScriptedEngine(parameters);
  engine.rts.login("token-1", "ann");
  await engine.clock.advance(1);
  engine.server.stream.welcome();
  await engine.clock.settle();
  return engine;
}

/** Waits until the client has opened another stream. */
export async function nextTry({ server, clock }: ScriptedEngine): Promise<void> {
  const streams = server.streams.length;
  for (let waited = 0; server.streams.length === streams && waited < 120; waited += 1) await clock.advance(500);
}

/** A room on a scripted server that "ann" has joined. */
export async function joinScriptedRoom(engine: ScriptedEngine): Promise<RTSRoom> {
  const room = createRoom(engine);
  room.joinRoom();
  engine.server.stream.answer("joinChannel", { position: { epoch: "e1", offset: 1 }, memberCount: 1 });
  await engine.clock.settle();
  engine.recorder.clear();
  return room;
}
