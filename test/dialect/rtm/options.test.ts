import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import AgoraRTM, { LogFilter, type RtmClient } from "aldis/rtm";
import { describe, expect, it } from "vitest";
import { whenFinished } from "../../support/dialect-server.js";

async function createLogged(): Promise<{
  client: RtmClient;
  warnings: string[];
  path: string;
  lines: () => Promise<string[]>;
}> {
  const folder = await mkdtemp(join(tmpdir(), "rtm-log-"));
  whenFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "rtm.log");
  const warnings: string[] = [];
  const client = AgoraRTM.createInstance(
    "app",
    {},
    { address: "localhost:1", logger: { warn: (line) => warnings.push(line) } },
  );
  const lines = async () => (await readFile(path, "utf8").catch(() => "")).split("\n").filter((line) => line !== "");
  return { client, warnings, path, lines };
}

describe("the options of a client", () => {
  it("R-M06 are taken as an object or as JSON; what is unknown is logged and ignored", async () => {
    const { client, warnings } = await createLogged();

    client.setParameters({ enableLogUpload: true, enableCloudProxy: true });
    client.setParameters('{"colour": "red"}');
    client.setParameters("no JSON");
    client.updateConfig({ logFilter: AgoraRTM.LOG_FILTER_OFF });
    client.setParameters('{"shape": "round"}');

    expect(warnings).toEqual(['The parameter "colour" is not known.', "The parameters are no JSON object."]);
  });

  it("R-M07 setLogFile appends lines to a file", async () => {
    const { client, path, lines } = await createLogged();

    client.setParameters('{"before": 1}');
    client.setLogFile(path);
    client.setParameters('{"colour": "red"}');
    client.setParameters('{"shape": "round"}');
    client.setLogFile("");
    client.setParameters('{"after": 1}');

    expect(await lines()).toEqual([
      expect.stringMatching(/^\d+ warn The parameter "colour" is not known\.$/),
      expect.stringMatching(/^\d+ warn The parameter "shape" is not known\.$/),
    ]);
  });

  it("R-M08 R-E20 setLogFilter says which lines are logged", async () => {
    const { client, path, lines } = await createLogged();
    client.setLogFile(path);
    const warned = async (filter: LogFilter) => {
      const before = (await lines()).length;
      client.setLogFilter(filter);
      client.setParameters('{"colour": "red"}');
      return (await lines()).length > before;
    };

    expect(await warned(LogFilter.OFF)).toBe(false);
    expect(await warned(LogFilter.CRITICAL)).toBe(false);
    expect(await warned(LogFilter.ERROR)).toBe(false);
    expect(await warned(LogFilter.WARN)).toBe(true);
    expect(await warned(LogFilter.INFO)).toBe(true);
    expect(await warned(LogFilter.MASK)).toBe(true);
  });

  it("R-M08 R-E20 lets lines that are no fault through from INFO on", async () => {
    const { client, path, lines } = await createLogged();
    client.setLogFile(path);
    client.setLogFilter(LogFilter.WARN);
    const login = client.login({ uid: "ann", token: "token" }).catch(() => {});
    client.setLogFilter(LogFilter.INFO);
    await client.logout();
    await login;

    expect((await lines()).map((line) => line.replace(/^\d+ /, ""))).toEqual(["info The connection is DISCONNECTED: LOGOUT."]);
  });
});
