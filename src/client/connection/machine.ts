// The state machine of a connection. It is pure: a machine and an input give the next machine and what is to be done.
// The legal transitions are those of the protocol's table; this file says which input asks for which.
import { ConnectionReason, ConnectionState, GoodbyeReason } from "../../../gen/aldis/v1/connection.js";
import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import type { ComeBack } from "../../../gen/aldis/v1/tables/errors.js";
import { connectionStates, nextState } from "../../../gen/aldis/v1/tables/states.js";
import { type AldisError, failure } from "../error.js";
import { comeBackOf, type Farewell, reasonOfEnd } from "./goodbye.js";

export interface ConnectionMachine {
  readonly state: ConnectionState;
  /** The tries that failed since the last link that lasted. */
  readonly failures: number;
  /** The tries of this login, or to come back since the link was lost. */
  readonly tries: number;
  /** The most tries of a login. */
  readonly maxTries: number;
  /** True while the server's answer to a logout is awaited. */
  readonly loggingOut: boolean;
  /** Why the last try failed, for the message of a login that times out. */
  readonly lastError: AldisError | undefined;
}

export type ConnectionInput =
  | { readonly kind: "loginAsked"; readonly maxTries: number }
  | { readonly kind: "loginTimedOut" | "loginCanceled" }
  | { readonly kind: "logoutAsked" | "logoutGivenUp" }
  | { readonly kind: "welcomed" }
  /** The moment to leave a server that shuts down. */
  | { readonly kind: "moveDue" }
  /** `lastedMs` is the time since the welcome, 0 if there was none. */
  | { readonly kind: "goodbye"; readonly goodbye: Farewell; readonly lastedMs: number }
  | { readonly kind: "linkClosed"; readonly error: AldisError; readonly lastedMs: number };

export type ConnectionEffect =
  /** Open a link after the back-off; `elsewhere` to another server, where there are several. */
  | { readonly kind: "connect"; readonly failures: number; readonly minimumMs: number; readonly elsewhere: boolean }
  /** Close the link, and forget a planned one. */
  | { readonly kind: "disconnect" }
  /** Ask the server to end the session. */
  | { readonly kind: "sendLogout" }
  /** The login has succeeded, or failed with an error. */
  | { readonly kind: "settleLogin"; readonly error: AldisError | undefined }
  /** The connection is `DISCONNECTED`, so every logout has succeeded. */
  | { readonly kind: "settleLogout" }
  /** The server did not take the token. */
  | { readonly kind: "tokenRefused"; readonly error: AldisError }
  /** Tell the application. */
  | { readonly kind: "transition"; readonly state: ConnectionState; readonly reason: ConnectionReason }
  /** Tell the application that the client tries to come back: which try it is since the link was lost. */
  | { readonly kind: "comingBack"; readonly tries: number };

export interface ConnectionStep {
  readonly machine: ConnectionMachine;
  readonly effects: readonly ConnectionEffect[];
}

export const initialConnection: ConnectionMachine = {
  state: ConnectionState.DISCONNECTED,
  failures: 0,
  tries: 0,
  maxTries: Number.POSITIVE_INFINITY,
  loggingOut: false,
  lastError: undefined,
};

/** A link that lasted this long makes the back-off begin anew. */
const STABLE_AFTER_MS = 10_000;

/** Takes one input. One that means nothing in the present state changes nothing. */
export function stepConnection(machine: ConnectionMachine, input: ConnectionInput): ConnectionStep {
  switch (input.kind) {
    case "loginAsked":
      return onLoginAsked(machine, input.maxTries);
    case "loginTimedOut":
      return endLogin(machine, ConnectionReason.LOGIN_TIMEOUT, loginTimeout(machine.lastError));
    case "loginCanceled":
      return endLogin(machine, ConnectionReason.LOGOUT, loginCanceled());
    case "logoutAsked":
      return onLogoutAsked(machine);
    case "logoutGivenUp":
      return machine.loggingOut ? end(machine, ConnectionReason.LOGOUT) : stay(machine);
    case "welcomed":
      return onWelcomed(machine);
    case "moveDue":
      return onMoveDue(machine);
    case "goodbye":
      return onGoodbye(machine, input.goodbye, input.lastedMs);
    case "linkClosed":
      return onLinkClosed(machine, input.error, input.lastedMs);
  }
}

function onLoginAsked(machine: ConnectionMachine, maxTries: number): ConnectionStep {
  if (machine.state !== ConnectionState.DISCONNECTED) return stay(machine);
  const begun = { ...initialConnection, tries: 1, maxTries };
  return move(begun, ConnectionReason.LOGIN, [{ kind: "connect", failures: 0, minimumMs: 0, elsewhere: false }]);
}

function onLogoutAsked(machine: ConnectionMachine): ConnectionStep {
  if (machine.state === ConnectionState.DISCONNECTED) return { machine, effects: [{ kind: "settleLogout" }] };
  if (machine.loggingOut) return stay(machine);
  if (machine.state === ConnectionState.CONNECTING) return endLogin(machine, ConnectionReason.LOGOUT, loginCanceled());
  if (machine.state !== ConnectionState.CONNECTED) return end(machine, ConnectionReason.LOGOUT);
  return { machine: { ...machine, loggingOut: true }, effects: [{ kind: "sendLogout" }] };
}

function onWelcomed(machine: ConnectionMachine): ConnectionStep {
  const settle: ConnectionEffect[] =
    machine.state === ConnectionState.CONNECTING ? [{ kind: "settleLogin", error: undefined }] : [];
  return move({ ...machine, lastError: undefined }, ConnectionReason.LOGIN_SUCCESS, settle);
}

function onMoveDue(machine: ConnectionMachine): ConnectionStep {
  if (machine.state !== ConnectionState.CONNECTED || machine.loggingOut) return stay(machine);
  return interrupt(machine, [{ kind: "disconnect" }, { kind: "connect", failures: 0, minimumMs: 0, elsewhere: true }]);
}

function onGoodbye(machine: ConnectionMachine, goodbye: Farewell, lastedMs: number): ConnectionStep {
  // A link that was given up has no say any more.
  if (machine.state === ConnectionState.ABORTED) return stay(machine);
  if (machine.loggingOut) return end(machine, ConnectionReason.LOGOUT);
  const { reason, error, retryAfterMs } = goodbye;
  const comeBack = comeBackOf(reason);
  const shutsDown = reason === GoodbyeReason.SERVER_DRAINING;
  if (comeBack !== "never") return retry(machine, error, { comeBack, minimumMs: retryAfterMs, lastedMs, shutsDown });
  if (machine.state === ConnectionState.CONNECTING) return endLogin(machine, ConnectionReason.LOGIN_FAILURE, error);
  if (reason === GoodbyeReason.LOGIN_REFUSED && machine.state === ConnectionState.RECONNECTING) {
    return onRefused(machine, error, retryAfterMs);
  }
  return end(machine, reasonOfEnd(reason));
}

function onLinkClosed(machine: ConnectionMachine, error: AldisError, lastedMs: number): ConnectionStep {
  if (machine.loggingOut) return end(machine, ConnectionReason.LOGOUT);
  if (machine.state === ConnectionState.CONNECTED || error.retryable) {
    return retry(machine, error, { comeBack: "later", minimumMs: error.retryAfterMs, lastedMs });
  }
  if (machine.state === ConnectionState.CONNECTING) return endLogin(machine, ConnectionReason.LOGIN_FAILURE, error);
  return onRefused(machine, error, error.retryAfterMs);
}

/** A refused reconnection: the session may still be had with patience or another token. */
function onRefused(machine: ConnectionMachine, error: AldisError, minimumMs: number): ConnectionStep {
  const tokenRefused = error.code === ErrorCode.INVALID_TOKEN || error.code === ErrorCode.TOKEN_EXPIRED;
  if (!tokenRefused && !error.retryable) return end(machine, ConnectionReason.LOGIN_FAILURE);
  const step = retry(machine, error, { comeBack: "later", minimumMs, lastedMs: 0 });
  return tokenRefused ? { ...step, effects: [...step.effects, { kind: "tokenRefused", error }] } : step;
}

interface Retry {
  readonly comeBack: ComeBack;
  readonly minimumMs: number;
  readonly lastedMs: number;
  readonly shutsDown?: boolean;
}

function retry(machine: ConnectionMachine, error: AldisError, how: Retry): ConnectionStep {
  const { comeBack, minimumMs, lastedMs, shutsDown = false } = how;
  const failures = lastedMs >= STABLE_AFTER_MS ? 0 : machine.failures;
  // A server that says "now" again and again gets the back-off all the same.
  const wait = comeBack === "now" && failures === 0 ? 0 : failures + 1;
  // A session can go on only with the server that has it, so that one is tried first.
  const elsewhere = shutsDown || machine.state !== ConnectionState.CONNECTED;
  const effects: ConnectionEffect[] = [{ kind: "disconnect" }, { kind: "connect", failures: wait, minimumMs, elsewhere }];
  const next = { ...machine, failures: failures + 1, lastError: error };
  switch (machine.state) {
    case ConnectionState.CONNECTED:
      return interrupt(next, effects);
    case ConnectionState.CONNECTING:
      if (machine.tries >= machine.maxTries) return endLogin(machine, ConnectionReason.LOGIN_FAILURE, error);
      return { machine: { ...next, tries: machine.tries + 1 }, effects };
    case ConnectionState.RECONNECTING:
      return comeBackAgain(next, effects);
    default:
      return stay(machine);
  }
}

/** The link is lost, and the first try to come back begins. */
function interrupt(machine: ConnectionMachine, effects: readonly ConnectionEffect[]): ConnectionStep {
  const lost = move({ ...machine, tries: 0 }, ConnectionReason.INTERRUPTED, effects);
  return comeBackAgain(lost.machine, lost.effects);
}

function comeBackAgain(machine: ConnectionMachine, effects: readonly ConnectionEffect[]): ConnectionStep {
  const tries = machine.tries + 1;
  return { machine: { ...machine, tries }, effects: [...effects, { kind: "comingBack", tries }] };
}

/** Ends a login under way with an error. */
function endLogin(machine: ConnectionMachine, reason: ConnectionReason, error: AldisError): ConnectionStep {
  if (machine.state !== ConnectionState.CONNECTING) return stay(machine);
  return move(initialFrom(machine), reason, [{ kind: "settleLogin", error }, { kind: "disconnect" }]);
}

/** Ends a session, or what is left of it. */
function end(machine: ConnectionMachine, reason: ConnectionReason): ConnectionStep {
  return move(initialFrom(machine), reason, [{ kind: "disconnect" }]);
}

function initialFrom(machine: ConnectionMachine): ConnectionMachine {
  return { ...initialConnection, state: machine.state };
}

/** Follows the protocol's table. The application is told last, when everything else is done. */
function move(machine: ConnectionMachine, reason: ConnectionReason, effects: readonly ConnectionEffect[]): ConnectionStep {
  const state = nextState(connectionStates, machine.state, reason);
  if (state === undefined) return stay(machine);
  const settle: ConnectionEffect[] = state === ConnectionState.DISCONNECTED ? [{ kind: "settleLogout" }] : [];
  return { machine: { ...machine, state }, effects: [...effects, ...settle, { kind: "transition", state, reason }] };
}

function stay(machine: ConnectionMachine): ConnectionStep {
  return { machine, effects: [] };
}

function loginTimeout(lastError: AldisError | undefined): AldisError {
  const cause = lastError === undefined ? "" : ` The last problem was: ${lastError.message}`;
  return failure(ErrorCode.TIMEOUT, `No welcome within the login time-out.${cause}`);
}

function loginCanceled(): AldisError {
  return failure(ErrorCode.CANCELED, "The login was given up.");
}
