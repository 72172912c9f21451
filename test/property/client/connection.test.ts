import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConnectionReason, ConnectionState, GoodbyeReason } from "../../../gen/aldis/v1/connection.js";
import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { SessionStart } from "../../../gen/aldis/v1/session.js";
import { connectionStates, nextState } from "../../../gen/aldis/v1/tables/states.js";
import { backOffMs } from "../../../src/client/connection/backoff.js";
import type { Farewell } from "../../../src/client/connection/goodbye.js";
import {
  type ConnectionEffect,
  type ConnectionInput,
  type ConnectionMachine,
  initialConnection,
  stepConnection,
} from "../../../src/client/connection/machine.js";
import { failure } from "../../../src/client/error.js";
import { codeOf, createScriptedClient, type ScriptedClient } from "../../support/scripted-client.js";

const lastedMs = fc.constantFrom(0, 1, 20_000);
const error = fc.constantFrom(...Object.values(ErrorCode)).map((code) => failure(code, "No.", { retryAfterMs: code * 10 }));
const goodbye: fc.Arbitrary<Farewell> = fc.record({
  reason: fc.oneof(fc.constantFrom(...Object.values(GoodbyeReason)), fc.constant(99 as GoodbyeReason)),
  retryAfterMs: fc.nat(60_000),
  error,
});
const plainKinds = ["loginTimedOut", "loginCanceled", "logoutAsked", "logoutGivenUp", "welcomed", "moveDue"] as const;
const input: fc.Arbitrary<ConnectionInput> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...plainKinds).map((kind) => ({ kind })) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("loginAsked" as const), maxTries: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("goodbye" as const), goodbye, lastedMs }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("linkClosed" as const), error, lastedMs }) },
);

interface Taken {
  readonly before: ConnectionMachine;
  readonly input: ConnectionInput;
  readonly after: ConnectionMachine;
  readonly effects: readonly ConnectionEffect[];
}

function run(inputs: readonly ConnectionInput[]): Taken[] {
  let machine = initialConnection;
  return inputs.map((next) => {
    const before = machine;
    const step = stepConnection(machine, next);
    machine = step.machine;
    return { before, input: next, after: machine, effects: step.effects };
  });
}

/** Checks something for each step of random scripts. */
function forEachStep(check: (taken: Taken) => void): void {
  fc.assert(fc.property(fc.array(input, { maxLength: 40 }), (inputs) => run(inputs).forEach(check)));
}

function transitionsOf({ effects }: Taken) {
  return effects.filter((effect) => effect.kind === "transition");
}

describe("the machine of a connection", () => {
  it("makes the transitions of the protocol's table only, and tells each with its reason", () => {
    forEachStep((taken) => {
      const [transition, ...more] = transitionsOf(taken);
      expect(more).toEqual([]);
      if (transition === undefined) expect(taken.after.state).toBe(taken.before.state);
      else expect(nextState(connectionStates, taken.before.state, transition.reason)).toBe(taken.after.state);
      expect(transition?.reason).not.toBe(ConnectionReason.UNSPECIFIED);
      expect(transition?.state ?? taken.after.state).toBe(taken.after.state);
    });
  });

  it("tells the application last", () => {
    forEachStep((taken) => {
      const index = taken.effects.findIndex(({ kind }) => kind === "transition");
      const later = index < 0 ? [] : taken.effects.slice(index + 1).map(({ kind }) => kind);
      expect(later.filter((kind) => kind !== "tokenRefused" && kind !== "comingBack")).toEqual([]);
    });
  });

  it("leaves ABORTED by a logout only", () => {
    forEachStep(({ before, input: { kind }, after }) => {
      if (before.state !== ConnectionState.ABORTED || after.state === before.state) return;
      expect([kind, after.state]).toEqual(["logoutAsked", ConnectionState.DISCONNECTED]);
    });
  });

  it("settles a login exactly when it leaves CONNECTING, with an error unless it is welcome", () => {
    forEachStep(({ before, after, effects }) => {
      const settled = effects.filter((effect) => effect.kind === "settleLogin");
      const left = before.state === ConnectionState.CONNECTING && after.state !== before.state;
      expect(settled).toHaveLength(left ? 1 : 0);
      for (const { error: why } of settled) expect(why === undefined).toBe(after.state === ConnectionState.CONNECTED);
    });
  });

  it("tries no more often to log in than it may", () => {
    fc.assert(
      fc.property(fc.array(input, { maxLength: 40 }), (inputs) => {
        let tries = 0;
        for (const { input: taken, before, after, effects } of run(inputs)) {
          if (taken.kind === "loginAsked" && before.state === ConnectionState.DISCONNECTED) tries = 0;
          if (after.state !== ConnectionState.CONNECTING) continue;
          tries += effects.filter(({ kind }) => kind === "connect").length;
          expect(tries).toBeLessThanOrEqual(after.maxTries);
        }
      }),
    );
  });

  it("settles every logout: it is DISCONNECTED, or waits for the server", () => {
    forEachStep(({ input: { kind }, after, effects }) => {
      if (kind !== "logoutAsked") return;
      const settled = effects.some((effect) => effect.kind === "settleLogout");
      expect([settled, after.loggingOut]).toEqual([
        after.state === ConnectionState.DISCONNECTED,
        after.state === ConnectionState.CONNECTED,
      ]);
    });
  });

  it("has a try under way or planned exactly while it wants a link", () => {
    fc.assert(
      fc.property(fc.array(input, { maxLength: 40 }), (inputs) => {
        let wanted = false;
        for (const { after, effects } of run(inputs)) {
          for (const { kind } of effects) if (kind === "connect" || kind === "disconnect") wanted = kind === "connect";
          const { state } = after;
          expect(wanted).toBe(state !== ConnectionState.DISCONNECTED && state !== ConnectionState.ABORTED);
        }
      }),
    );
  });

  it("goes elsewhere after a try that brought no session, and to the same server when a session may go on", () => {
    forEachStep(({ input: taken, before, effects }) => {
      for (const effect of effects) {
        if (effect.kind !== "connect" || taken.kind === "loginAsked") continue;
        const shutsDown =
          taken.kind === "moveDue" || (taken.kind === "goodbye" && taken.goodbye.reason === GoodbyeReason.SERVER_DRAINING);
        expect(effect.elsewhere).toBe(shutsDown || before.state !== ConnectionState.CONNECTED);
      }
    });
  });
});

describe("the back-off", () => {
  it("lies between what the server asks for and 30 seconds more", () => {
    fc.assert(
      fc.property(
        fc.nat(2_000),
        fc.nat(600_000),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (n, minimumMs, chance) => {
          const waitMs = backOffMs(n, minimumMs, chance);
          expect(waitMs).toBeGreaterThanOrEqual(minimumMs);
          expect(waitMs).toBeLessThanOrEqual(minimumMs + 30_000);
        },
      ),
    );
  });
});

describe("a client on a random server", () => {
  const move: fc.Arbitrary<Move> = fc.oneof(
    fc.constantFrom("login", "logout", "call", "join", "leave", "welcome", "resumed", "expired", "drop", "garbage", "drain"),
    fc.constantFrom(...Object.values(GoodbyeReason)).map((reason) => ({ goodbye: reason })),
    fc.nat(20_000).map((ms) => ({ wait: ms })),
  );

  it("settles every promise once it is closed, and leaves no timer", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(move, { maxLength: 25 }), async (moves) => {
        const scripted = createScriptedClient();
        const promises: Promise<string>[] = [];
        for (const next of moves) await make(next, scripted, promises);
        const closed = scripted.client.close();
        await scripted.clock.advance(2_000);
        await closed;
        await Promise.all(promises);

        expect(scripted.clock.plannedTasks).toBe(0);
        expect(scripted.client.state).toBe(ConnectionState.DISCONNECTED);
      }),
      { numRuns: 60 },
    );
  });
});

type Move = string | { readonly goodbye: GoodbyeReason } | { readonly wait: number };

async function make(next: Move, scripted: ScriptedClient, promises: Promise<string>[]): Promise<void> {
  const { client, server, clock } = scripted;
  const stream = server.streams.at(-1);
  const live = stream?.closed === false ? stream : undefined;
  const channel = client.channel("room");
  const actions: Record<string, () => void> = {
    login: () => promises.push(codeOf(client.login())),
    logout: () => promises.push(codeOf(client.logout())),
    call: () => promises.push(codeOf(client.queryPresence(["bob"]))),
    join: () => promises.push(codeOf(channel.join())),
    leave: () => promises.push(codeOf(channel.leave())),
    welcome: () => live?.welcome(),
    resumed: () => live?.welcome({ start: SessionStart.RESUMED }),
    expired: () => live?.welcome({ start: SessionStart.EXPIRED }),
    drop: () => live?.drop(),
    garbage: () => live?.sayBytes(Uint8Array.of(0xff)),
    drain: () => live?.control({ $case: "drain", value: { deadlineMs: 5_000, spreadMs: 5_000 } }),
  };
  if (typeof next === "string") actions[next]?.();
  else if ("goodbye" in next) live?.goodbye(next.goodbye);
  await clock.advance(typeof next === "object" && "wait" in next ? next.wait : 1);
}
