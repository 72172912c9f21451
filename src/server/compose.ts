// Puts a node together: the only place that knows every part. Nothing here decides anything about the protocol.
import { Capability } from "../../gen/aldis/v1/session.js";
import type { TokenVerifier } from "./auth/token-verifier.js";
import type { Config } from "./config.js";
import type { Accept } from "./edge/door.js";
import { createEmbeddedEngine } from "./engine/embedded/embedded-engine.js";
import { Hub } from "./fanout/hub.js";
import { PlaceKeeper } from "./fanout/place-keeper.js";
import { Channels } from "./feature/channel.js";
import { channelMessageHandlers } from "./feature/channel-message.js";
import { Deliveries } from "./feature/deliveries.js";
import { invitationHandlers } from "./feature/invitation/calls.js";
import { Invitations } from "./feature/invitation/invitations.js";
import { sendingHandler } from "./feature/invitation/sending.js";
import { memberHandlers } from "./feature/member.js";
import { peerMessageHandlers } from "./feature/peer-message.js";
import { presenceHandlers } from "./feature/presence.js";
import { UserEvents } from "./feature/user-events.js";
import type { Logger } from "./observe/log.js";
import { Metrics } from "./observe/metrics.js";
import { type Runtime, randomId } from "./runtime.js";
import { Dispatcher } from "./session/dispatcher.js";
import { Login } from "./session/login.js";
import { listenAsNode } from "./session/node-listener.js";
import { Registry } from "./session/registry.js";
import { sessionHandlers } from "./session/session-calls.js";
import { Sessions } from "./session/sessions.js";
import { Stream } from "./session/stream.js";
import { StreamCalls } from "./session/stream-calls.js";
import { UnaryCalls } from "./session/unary-calls.js";
import { serverVersion } from "./version.js";

/** What this server offers besides the base protocol. */
const capabilities = [Capability.CHANNEL_HISTORY, Capability.INVITATIONS];

export interface NodeParts {
  readonly config: Pick<Config, "appId" | "nodeId" | "allowNoToken" | "limits">;
  readonly verifier: TokenVerifier;
  readonly runtime: Runtime;
  readonly logger: Logger;
}

/** One node, without its edges. */
export interface AldisNode {
  /** Takes the connections of clients, whatever they run over. */
  readonly accept: Accept;
  readonly unaryCalls: UnaryCalls;
  readonly sessions: Sessions;
  readonly metrics: Metrics;
  /** Lets go of everything; sessions end without a word. */
  close(): Promise<void>;
}

export async function createNode({ config, verifier, runtime, logger }: NodeParts): Promise<AldisNode> {
  const { limits } = config;
  const { clock } = runtime;
  const nodeId = config.nodeId ?? randomId(runtime, 64);
  const registry = new Registry();
  const metrics = new Metrics(registry);
  const report = (failure: unknown): void => {
    metrics.onFailure();
    logger.error({ err: failure }, "a fault of the server");
  };

  const engine = createEmbeddedEngine({ runtime, limits });
  const hub = new Hub(engine.bus, report);
  const places = new PlaceKeeper(hub, engine.log, clock, report);
  const channels = new Channels(engine, hub, nodeId, limits, report);
  const findSession = registry.findUser.bind(registry);
  const deliveries = new Deliveries(engine, nodeId, findSession, report);
  const events: UserEvents = new UserEvents(engine, findSession, (user, event) => invitations.onAcknowledged(user, event));
  const invitations = new Invitations(engine, events, clock, report);
  const sessions = new Sessions(registry, engine, channels, invitations, clock, limits, report);
  const options = { ...config, nodeId, serverVersion, capabilities };
  const login = new Login(options, verifier, registry, sessions, engine, runtime, limits, metrics);

  const handlers = {
    ...sessionHandlers(registry, sessions, login),
    ...peerMessageHandlers(engine, deliveries, runtime, limits),
    ...channels.handlers,
    ...channelMessageHandlers(engine, runtime, limits),
    ...memberHandlers(engine, limits),
    ...presenceHandlers(engine),
    ...sendingHandler(engine, invitations, clock, limits),
    ...invitationHandlers(engine, invitations, events),
  };
  const observer = {
    onCall: metrics.onCall.bind(metrics),
    onFailure: (operation: string, failure: unknown) => {
      metrics.onFailure();
      logger.error({ err: failure, operation }, "a call failed");
    },
  };
  const dispatcher = new Dispatcher(handlers, limits, () => clock.monotonic(), observer);
  const unaryCalls = new UnaryCalls(dispatcher, (token) => login.verify(token), registry, clock, limits);
  const services = { login, calls: new StreamCalls(dispatcher, limits), clock, limits, report };
  const subscription = await listenAsNode(nodeId, engine.bus, { deliveries, events, registry, sessions }, report);
  places.start();
  sessions.start();
  invitations.start();

  return {
    accept: (link) => new Stream(link, services),
    unaryCalls,
    sessions,
    metrics,
    async close() {
      places.stop();
      sessions.stop();
      invitations.stop();
      unaryCalls.stop();
      await subscription.end();
      await engine.close();
    },
  };
}
