// What a node logs at its most talkative while everything is called that can be called: nothing of any user.
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { Call } from "../../gen/aldis/v1/stream.js";
import { type AdminOperationName, adminOperations } from "../../gen/aldis/v1/tables/admin-operations.js";
import { defaultLimits } from "../../gen/aldis/v1/tables/limits.js";
import { type OperationName, operations } from "../../gen/aldis/v1/tables/operations.js";
import { AdminKeys } from "../../src/server/auth/admin-keys.js";
import { createEmbeddedEngine } from "../../src/server/engine/embedded/embedded-engine.js";
import type { Engine } from "../../src/server/engine/engine.js";
import { MarkedMessages, shownIn } from "../support/marked-messages.js";
import { startTestNode, testApp } from "../support/test-node.js";

const adminKey = "an-admin-key-of-tests-with-32-bytes";
const rounds = [0, 1, 2, 3];

/** An engine each of whose ports fails while it is told to. */
function fragileEngine(engine: Engine, fails: () => boolean): Engine {
  const wrap = (port: unknown): unknown =>
    typeof port !== "object" || port === null ? port : new Proxy(port, { get: (target, name) => guarded(target, name) });
  const guarded = (target: object, name: string | symbol) => {
    const value: unknown = Reflect.get(target, name, target);
    if (typeof value !== "function") return value;
    return (...args: unknown[]) => (fails() ? Promise.reject(new Error("the engine fails")) : value.apply(target, args));
  };
  const ports = Object.entries(engine).map(([name, port]) => [
    name,
    typeof port === "function" ? port.bind(engine) : wrap(port),
  ]);
  return Object.fromEntries(ports) as Engine;
}

/** Calls everything at a node whose engine works or fails, and gives what it logged, and what it must not have logged. */
async function run({ engineFails }: { engineFails: boolean }) {
  const messages = new MarkedMessages();
  const lines: string[] = [];
  const logger = pino({ level: "trace" }, { write: (line: string) => void lines.push(line) });
  let fails = false;
  const openEngine = (runtime: Parameters<typeof createEmbeddedEngine>[0]["runtime"]) =>
    fragileEngine(createEmbeddedEngine({ runtime, limits: defaultLimits }), () => fails);
  const adminKeys = new AdminKeys([{ name: "tests", key: adminKey }]);
  const { node, runtime, login, ask } = await startTestNode({}, { openEngine, logger, adminKeys });
  const hello = { deviceLabel: messages.mark("aldis.v1.Hello.device_label") };
  const client = await login(messages.mark("aldis.v1.Hello.user_id"), hello);
  messages.marks.set(client.welcome.sessionId, "the session id").set(client.welcome.resumeToken, "the resume token");
  messages.marks.set(adminKey, "the admin key");

  fails = engineFails;
  const outcomes: string[] = [];
  for (const round of rounds) {
    for (const name of Object.keys(operations).filter((each) => each !== "logout") as OperationName[]) {
      const value = messages.make(operations[name].requestType, round);
      const { request } = Call.fromPartial({ request: { $case: name, value } as never });
      if (request !== undefined) outcomes.push((await ask(client, request))?.$case ?? "none");
    }
    for (const name of Object.keys(adminOperations) as AdminOperationName[]) {
      const { request, requestType } = adminOperations[name];
      const made = request.fromPartial({ ...messages.make(requestType, round), appId: testApp } as never);
      const answer = await node.adminCalls?.take(name, request.encode(made as never).finish(), [`Bearer ${adminKey}`]);
      outcomes.push(answer?.ok ? name : "error");
    }
    await runtime.advanceAsync(3_000);
  }
  await node.close();
  return { log: lines.join(""), marks: messages.marks, outcomes };
}

describe("the log of a node", () => {
  it("tells of each call of an operator, and shows nothing secret or personal", async () => {
    const { log, marks, outcomes } = await run({ engineFails: false });

    expect(outcomes.filter((outcome) => outcome !== "error" && outcome !== "none").length).toBeGreaterThan(outcomes.length / 3);
    for (const { name } of Object.values(adminOperations)) expect(log).toContain(`"operation":"${name}"`);
    expect(shownIn(log, marks)).toEqual([]);
  });

  it("tells of faults without what was asked for", async () => {
    const { log, marks } = await run({ engineFails: true });

    expect(log.match(/the engine fails/g)?.length).toBeGreaterThan(10);
    expect(shownIn(log, marks)).toEqual([]);
  });

  it("would be caught if it showed something", () => {
    const messages = new MarkedMessages();
    const marks = [messages.mark("as it is"), messages.mark("as bytes")];

    expect(shownIn(`{"a":"${marks[0]}"} ${Buffer.from(marks[1] ?? "").toString("hex")}`, messages.marks)).toEqual([
      "as it is",
      "as bytes",
    ]);
  });
});
