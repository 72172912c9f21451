import type { ChannelCount } from "../../gen/aldis/v1/channel.js";
import { type ConnectionReason, ConnectionState } from "../../gen/aldis/v1/connection.js";
import { ErrorCode } from "../../gen/aldis/v1/error.js";
import type { SendConfirmation, SendPeerMessageResponse } from "../../gen/aldis/v1/message.js";
import type { Presence } from "../../gen/aldis/v1/presence.js";
import { type RenewTokenResponse, SessionStart, type TokenWillExpire } from "../../gen/aldis/v1/session.js";
import type { DeepPartial, Event } from "../../gen/aldis/v1/stream.js";
import type { OperationName, Operations } from "../../gen/aldis/v1/tables/operations.js";
import { AppServer } from "./app-server/app-server.js";
import { SessionAttributes } from "./attribute/session-attributes.js";
import { UserAttributes } from "./attribute/user-attributes.js";
import { AutoSync } from "./auto-sync.js";
import { Caller } from "./caller.js";
import type { Channel } from "./channel/channel.js";
import { Channels } from "./channel/channels.js";
import { Connection } from "./connection/connection.js";
import { TokenKeeper } from "./connection/token-keeper.js";
import { Emitter, type Listener } from "./emitter.js";
import { AldisError, failure, messageOf } from "./error.js";
import { type ClientEvents, fromPeerMessage } from "./events.js";
import { helloOf } from "./hello.js";
import { Invitations } from "./invitation/invitations.js";
import { Switchboard } from "./invitation/switchboard.js";
import { silentLogger } from "./logger.js";
import type { CallOptions, CoreOptions, LoginOptions } from "./options.js";
import { type PayloadInput, toPayload } from "./payload.js";
import { PresenceSubscriptions } from "./presence/presence-subscriptions.js";
import { type Runtime, systemRuntime } from "./runtime.js";
import { SeenMessages } from "./seen-messages.js";

/** How to send a message to a peer. */
export interface SendToPeerOptions extends CallOptions {
  /** When the send is answered. Default: when the receiver's client has the message, or when it is stored. */
  readonly confirmation?: SendConfirmation;
  /** Whether to store the message for a receiver who is away. Default: the server's setting. */
  readonly storeIfAway?: boolean;
  /** How long a stored message is kept, in milliseconds. Default: the server's, which is also the most. */
  readonly storeForMs?: number;
  /** True to be told by a `receipt` when a stored message is delivered or expires. Default: false. */
  readonly receiptLater?: boolean;
}

/**
 * A user's client. It keeps one session alive: it reconnects, resumes, joins its channels again, and says so. Every method
 * that returns a promise rejects with an `AldisError`.
 */
export class AldisClient {
  /** Calls to other users, and from them. */
  readonly invitations: Invitations;
  /** What is attached to users for everybody to read: the own user's to write. */
  readonly attributes: UserAttributes;
  /** Users whose coming and going this client is told of. */
  readonly presence: PresenceSubscriptions;
  /** The application server, which the server calls for this client. */
  readonly appServer: AppServer;
  readonly #options: CoreOptions;
  readonly #runtime: Runtime;
  readonly #emitter: Emitter<ClientEvents>;
  readonly #token: TokenKeeper;
  readonly #connection: Connection;
  readonly #caller: Caller;
  readonly #channels: Channels;
  readonly #switchboard: Switchboard;
  readonly #sessionAttributes: SessionAttributes;
  readonly #renewal: AutoSync;
  readonly #seen = new SeenMessages();

  constructor(options: CoreOptions) {
    const { userId, transport, runtime = systemRuntime, logger = silentLogger } = options;
    const { loginTimeoutMs = 10_000, callTimeoutMs = 12_000 } = options;
    this.#options = options;
    this.#runtime = runtime;
    this.#emitter = new Emitter(logger);
    this.#token = new TokenKeeper(options.token);
    this.#connection = new Connection(
      { runtime, transport, loginTimeoutMs, hello: async () => helloOf(options, await this.#token.next()) },
      {
        onState: (state, reason) => this.#onState(state, reason),
        onComingBack: (tries) => this.#emitter.emit("comingBack", { tries }),
        onSessionLost: () => this.#channels.sessionLost(),
        onSession: (start) => this.#onSession(start),
        onEvent: (event) => this.#onEvent(event),
        onTokenWillExpire: (notice) => this.#onTokenWillExpire(notice),
        onTokenRefused: (error) => this.#onTokenRefused(error),
        onDrain: (drain) => this.#emitter.emit("drain", drain),
      },
    );
    this.#caller = new Caller(this.#connection, callTimeoutMs);
    this.#channels = new Channels({
      userId,
      connection: this.#connection,
      caller: this.#caller,
      runtime,
      logger,
      callTimeoutMs,
    });
    this.#switchboard = new Switchboard({
      userId,
      caller: this.#caller,
      runtime,
      logger,
      onRing: (invitation) => this.#emitter.emit("invitation", invitation),
    });
    this.invitations = new Invitations(this.#switchboard);
    const shared = { caller: this.#caller, runtime, logger };
    const complaint = "The token could not be renewed.";
    this.#renewal = new AutoSync({ runtime, logger, complaint, sync: () => this.#renewFromSource() });
    this.#sessionAttributes = new SessionAttributes({
      ...shared,
      endWithSession: options.attributesEndWithSession ?? false,
      onChanged: (changed) => this.#emitter.emit("userAttributesChanged", changed),
    });
    this.appServer = new AppServer(this.#caller);
    this.attributes = new UserAttributes(this.#caller, this.#sessionAttributes);
    this.presence = new PresenceSubscriptions({
      ...shared,
      onPresence: (presence) => this.#emitter.emit("presence", presence),
    });
  }

  get state(): ConnectionState {
    return this.#connection.state;
  }

  /** The user who logs in with this client. */
  get userId(): string {
    return this.#options.userId;
  }

  /** The id of the session, for unary calls of one's own. Undefined if there is none. A secret. */
  get sessionId(): string | undefined {
    return this.#connection.sessionId || undefined;
  }

  /** Adds a listener and returns what removes it. Listeners are called in the order of the protocol's events. */
  on<K extends keyof ClientEvents>(name: K, listener: Listener<ClientEvents[K]>): () => void {
    return this.#emitter.on(name, listener);
  }

  /** Logs in. Rejects for example with `ALREADY_LOGGED_IN`, `TIMEOUT`, `INVALID_TOKEN` or `CANCELED`. */
  login(options: LoginOptions = {}): Promise<void> {
    return this.#connection.login(options);
  }

  /** Logs out, in every state. Resolves when the server has confirmed it, or after 2 seconds. Never rejects. */
  logout(): Promise<void> {
    return this.#connection.logout();
  }

  /** Logs out for good: everything else then fails with `NOT_INITIALIZED`. Never rejects. */
  close(): Promise<void> {
    return this.#connection.close();
  }

  /** Sends a message to one user. A message counts once, also where the client has to send it again. */
  sendToPeer(userId: string, payload: PayloadInput, options: SendToPeerOptions = {}): Promise<SendPeerMessageResponse> {
    const { confirmation, storeIfAway, storeForMs, receiptLater, ...callOptions } = options;
    const how = { confirmation, storeIfAway, storeForMs, receiptLater };
    const request = { receiver: userId, payload: toPayload(payload), clientMessageId: this.#runtime.randomId(), ...how };
    return this.call("sendPeerMessage", request, callOptions);
  }

  /** Tells whether users are online, in the order asked. */
  async queryPresence(userIds: readonly string[], options: CallOptions = {}): Promise<readonly Presence[]> {
    return (await this.call("queryPresence", { userIds: [...userIds] }, options)).presences;
  }

  /** The channel with this id: the same object each time. Nothing is joined before `Channel.join`. */
  channel(id: string): Channel {
    return this.#channels.get(id);
  }

  /** Tells how many members channels have, in the order asked. An unknown channel has 0. */
  async memberCounts(channels: readonly string[], options: CallOptions = {}): Promise<readonly ChannelCount[]> {
    return (await this.call("getMemberCounts", { channels: [...channels] }, options)).counts;
  }

  /** Tells whether a user is in a channel. */
  async isMember(channel: string, userId: string, options: CallOptions = {}): Promise<boolean> {
    return (await this.call("checkMembership", { channel, userId }, options)).isMember;
  }

  /** Goes on with a new token, in this session and in later logins. */
  async renewToken(token: string, options: CallOptions = {}): Promise<RenewTokenResponse> {
    // A login that waits for a good token takes it at once.
    this.#token.give(token);
    try {
      return await this.call("renewToken", { token }, options);
    } catch (thrown) {
      if (isTokenError(thrown)) this.#token.refuse();
      throw thrown;
    }
  }

  /** Calls an operation of the protocol. Fields that the request leaves out are empty. */
  call<K extends OperationName>(
    operation: K,
    request: DeepPartial<Operations[K]["request"]>,
    options: CallOptions = {},
  ): Promise<Operations[K]["response"]> {
    return this.#caller.call(operation, request, options);
  }

  #onState(state: ConnectionState, reason: ConnectionReason): void {
    this.#emitter.emit("stateChanged", { state, reason });
    if (state !== ConnectionState.DISCONNECTED && state !== ConnectionState.ABORTED) return;
    this.#channels.end(reason);
    this.#switchboard.end();
    this.presence.end();
    this.#sessionAttributes.end();
    this.#renewal.stop();
  }

  #onSession(start: SessionStart): void {
    this.#emitter.emit("sessionStarted", { start });
    // A login shows its token, so there is nothing to renew.
    this.#renewal.stop();
    const isNew = start !== SessionStart.RESUMED;
    this.#sessionAttributes.sessionStarted(isNew);
    if (!isNew) return;
    this.#switchboard.sessionLost();
    this.presence.sessionLost();
  }

  #onEvent({ event }: Event): void {
    if (event === undefined) return;
    switch (event.$case) {
      case "peerMessage":
        if (this.#seen.add(event.value.messageId)) this.#emitter.emit("peerMessage", fromPeerMessage(event.value));
        break;
      case "userAttributes":
        this.#emitter.emit("userAttributesChanged", event.value);
        break;
      case "invitation":
        this.#switchboard.take(event.value);
        break;
      case "invitationDtmf":
        this.#switchboard.takeDtmf(event.value);
        break;
      case "presence":
        this.presence.take(event.value);
        break;
      case "receipt":
        this.#emitter.emit(event.$case, event.value);
        break;
      default:
        this.#channels.take(event);
        break;
    }
  }

  #onTokenWillExpire(notice: TokenWillExpire): void {
    this.#emitter.emit("tokenWillExpire", notice);
    if (notice.expired)
      this.#emitter.emit("tokenExpired", { error: failure(ErrorCode.TOKEN_EXPIRED, "The token has expired.") });
    this.#renewal.start();
  }

  async #renewFromSource(): Promise<void> {
    const token = await this.#token.fresh().catch((thrown: unknown) => {
      // The source may answer later, so this is tried again.
      throw failure(ErrorCode.UNAVAILABLE, `The token source failed: ${messageOf(thrown)}`);
    });
    if (token === undefined) return;
    try {
      await this.#caller.call("renewToken", { token });
    } catch (thrown) {
      if (isTokenError(thrown)) this.#emitter.emit("tokenExpired", { error: thrown });
      throw thrown;
    }
  }

  #onTokenRefused(error: AldisError): void {
    this.#token.refuse();
    this.#emitter.emit("tokenExpired", { error });
  }
}

function isTokenError(thrown: unknown): thrown is AldisError {
  return thrown instanceof AldisError && (thrown.code === ErrorCode.INVALID_TOKEN || thrown.code === ErrorCode.TOKEN_EXPIRED);
}
