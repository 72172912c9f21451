import { join } from "node:path";
import { command, type Outcome, run } from "../support/command.js";
import { withScratch } from "../support/scratch.js";

const mainBranches = ["refs/remotes/origin/main", "refs/heads/main"];

/** Compares proto/ with the main branch: old clients and servers must understand the new protocol. */
export async function checkBreaking(): Promise<Outcome> {
  const base = await firstCommit(mainBranches);
  if (base === undefined) return skipped("There is no main branch to compare with.");
  if (!(await hasProtocol(base))) return skipped("The main branch has no proto/ yet.");
  if (base === (await firstCommit(["HEAD"])) && !(await hasEarlierProtocol())) {
    return skipped("HEAD is the first commit with proto/ that this clone has, so there is nothing to compare with.");
  }
  return withScratch(async (directory) => {
    const archive = join(directory, "base.tar");
    const packed = await command("git", ["archive", "--output", archive, base, "proto", "buf.yaml"]);
    return packed.state === "ok" ? command("buf", ["breaking", "--against", archive]) : packed;
  });
}

async function firstCommit(references: readonly string[]): Promise<string | undefined> {
  for (const reference of references) {
    const { code, output } = await run("git", ["rev-parse", "--verify", "--quiet", `${reference}^{commit}`]);
    if (code === 0) return output;
  }
  return undefined;
}

async function hasProtocol(commit: string): Promise<boolean> {
  return (await run("git", ["cat-file", "-e", `${commit}:proto`])).code === 0;
}

async function hasEarlierProtocol(): Promise<boolean> {
  return hasProtocol("HEAD~1");
}

function skipped(reason: string): Outcome {
  return { state: "skipped", output: reason };
}
