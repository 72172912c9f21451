import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { repository, run } from "../support/command.js";
import type { RunningServer } from "./server.js";

const sources = join(repository, "test/languages/python");
const environment = join(repository, ".cache/python-venv");
const generated = join(repository, ".cache/python-generated");
const python = join(environment, "bin/python");

/** Makes an environment with the packages of requirements.txt, and generates the code of the protocol. */
export async function preparePython(): Promise<{ ok: true } | { ok: false; reason: string }> {
  await mkdir(generated, { recursive: true });
  const steps: [program: string, ...args: string[]][] = [
    ["python3", "-m", "venv", environment],
    [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", join(sources, "requirements.txt")],
    [
      python,
      "-m",
      "grpc_tools.protoc",
      "-Iproto",
      `--python_out=${generated}`,
      `--grpc_python_out=${generated}`,
      ...(await protos()),
    ],
  ];
  for (const [program, ...args] of steps) {
    const { code, output } = await run(program, args);
    if (code !== 0) return { ok: false, reason: `This failed: ${program} ${args.join(" ")}\n${output}` };
  }
  return { ok: true };
}

/** Runs the scenarios against a server, and gives their exit code. */
export async function runPython(server: RunningServer): Promise<number> {
  const env = {
    ...process.env,
    PYTHONPATH: generated,
    ALDIS_ADDRESS: server.address,
    ALDIS_APP: "dev",
    ALDIS_TOKEN_ALICE: await server.issueToken("alice"),
    ALDIS_TOKEN_BOB: await server.issueToken("bob"),
    ALDIS_TOKEN_CAROL: await server.issueToken("carol"),
  };
  const child = spawn(python, [join(sources, "scenarios.py")], { env, stdio: ["ignore", "inherit", "inherit"] });
  const [code] = await once(child, "exit");
  return code ?? 1;
}

async function protos(): Promise<string[]> {
  const paths = await readdir(join(repository, "proto"), { recursive: true });
  return paths.filter((path) => path.endsWith(".proto"));
}
