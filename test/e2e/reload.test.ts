// The configuration of a server that runs, changed by an operator: a file, a signal, and the log.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished, vi } from "vitest";
import { Limit } from "../../gen/aldis/v1/limit.js";
import { GrpcTransport } from "../../src/client/transport/grpc.js";
import { RawClient } from "../support/raw-client.js";

const program = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const eventually = (expectation: () => void) => vi.waitFor(expectation, { timeout: 20_000, interval: 10 });

vi.setConfig({ testTimeout: 60_000 });

/** A server in a process of its own with a configuration file, and what its log says. */
async function start(config: object) {
  const dir = await mkdtemp(join(tmpdir(), "aldis-reload-"));
  onTestFinished(() => rm(dir, { recursive: true }));
  const file = join(dir, "aldis.json");
  const write = (content: object | string) => writeFile(file, typeof content === "string" ? content : JSON.stringify(content));
  await write(config);
  const flags = ["--config", file, "--data-dir", dir, "--grpc-port", "0", "--http-port", "0", "--allow-no-token", "--json"];
  const child = spawn(process.execPath, ["--import", "tsx", program, "serve", ...flags], { stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(async () => {
    if (child.kill("SIGKILL")) await once(child, "exit");
  });
  const log: string[] = [];
  createInterface(child.stderr).on("line", (line) => log.push(JSON.parse(line).msg));
  const [line] = await once(createInterface(child.stdout), "line");
  const address: string = JSON.parse(String(line)).grpc;
  return {
    log,
    async reload(content: object | string) {
      await write(content);
      child.kill("SIGHUP");
    },
    async login(userId: string) {
      const client = new RawClient((listener) => new GrpcTransport({ address }).open(listener), 0);
      onTestFinished(() => client.cut());
      client.hello({ appId: "dev", userId });
      await client.until(() => client.controls.length > 0);
      return client;
    },
  };
}

/** What a client was told of a limit when it logged in. */
function told(client: RawClient, limit: Limit): number | undefined {
  const welcome = client.controls.find((control) => control.$case === "welcome");
  return welcome?.value.limits.find((value) => value.limit === limit)?.value;
}

async function queryError(client: RawClient, userIds: string[]): Promise<string | undefined> {
  const call = client.call({ $case: "queryPresence", value: { userIds } });
  await client.until(() => client.resultOf(call) !== undefined);
  const outcome = client.resultOf(call);
  return outcome?.$case === "error" ? outcome.value.message : undefined;
}

it("limits change at a signal for sessions that are open and new ones; the rest, and what is wrong, is told", async () => {
  const { log, reload, login } = await start({ store: "memory", limits: { presenceQueryUsers: 3 } });
  const early = await login("early");
  const before = await queryError(early, ["a", "b", "c"]);

  await reload({ store: "memory", httpHost: "::1", limits: { presenceQueryUsers: 2, inboxMessages: 7 } });
  await eventually(() => expect(log).toHaveLength(2));
  const after = await queryError(early, ["a", "b", "c"]);
  const late = await login("late");
  await reload({ limits: { presenceQueryUsers: "many" } });
  await eventually(() => expect(log).toHaveLength(3));
  await reload("{");
  await eventually(() => expect(log).toHaveLength(4));

  expect(before).toBeUndefined();
  expect(after).toMatch(/at most 2/);
  expect([told(early, Limit.PRESENCE_QUERY_USERS), told(late, Limit.PRESENCE_QUERY_USERS)]).toEqual([3, 2]);
  expect(told(late, Limit.INBOX_MESSAGES)).toBe(200);
  expect(await queryError(late, ["a", "b", "c"])).toMatch(/at most 2/);
  expect(log[0]).toBe("limits have changed: presenceQueryUsers from 3 to 2");
  expect(log[1]).toBe("these have changed and wait for a restart: httpHost, limits.inboxMessages");
  expect(log[2]).toMatch(/^the configuration is not taken: File key limits.presenceQueryUsers is "many"; it must be/);
  expect(log[3]).toMatch(/is not a JSON object/);
});
