import type { OperatorNews } from "../operator-news.js";
import type { Runtime, Timer } from "../runtime.js";
import { type App, fixedKeys, type KeySource, type ServedApps } from "./app.js";
import { type AppDefinition, type ReadFile, readAppsFile } from "./apps-file.js";
import { type FetchText, RemoteKeySet } from "./remote-key-set.js";
import type { SecretTokenKey } from "./token-key.js";

/** How often the file is looked at for changes, in milliseconds. */
const lookEveryMs = 10_000;

export interface AppsOptions extends OperatorNews {
  readonly path: string;
  readonly readFile: ReadFile;
  readonly fetchText: FetchText;
  readonly runtime: Runtime;
}

/** The apps of a file, which may change while the server runs: a file that is wrong changes nothing. */
export class Apps implements ServedApps {
  private apps: ReadonlyMap<string, App & { readonly signingKey?: SecretTokenKey }> = new Map();
  private fingerprint = "";
  /** Another number when apps or keys are others: what was verified with the old ones is to be forgotten. */
  revision = 0;

  private constructor(private readonly options: AppsOptions) {}

  /** Reads the file. Throws an `Error` that says everything that is wrong with it. */
  static open(options: AppsOptions): Apps {
    const apps = new Apps(options);
    const problems = apps.load();
    if (problems.length > 0) throw new Error(problems.join("\n"));
    return apps;
  }

  find(appId: string): App | undefined {
    return this.apps.get(appId);
  }

  signingKey(appId: string): SecretTokenKey | undefined {
    return this.apps.get(appId)?.signingKey;
  }

  get ids(): readonly string[] {
    return [...this.apps.keys()];
  }

  /** Looks at the file now. What is wrong with it is reported, and what was valid stays. */
  reload(): void {
    for (const problem of this.load()) this.options.report(problem);
  }

  /** Looks at the file from time to time. Its content counts, not its time: secrets are often mounted by links. */
  watch(): Timer {
    return this.options.runtime.clock.every(lookEveryMs, () => this.reload());
  }

  private load(): readonly string[] {
    const { path, readFile } = this.options;
    const texts: string[] = [];
    const file = readAppsFile(path, (name) => {
      const text = readFile(name);
      texts.push(text);
      return text;
    });
    const fingerprint = "problems" in file ? file.problems.join("\n") : JSON.stringify(texts);
    if (fingerprint === this.fingerprint) return [];
    this.fingerprint = fingerprint;
    if ("problems" in file) return file.problems;
    this.apps = new Map(file.apps.map((app) => [app.id, { ...app, keys: this.keysOf(app), signingKey: newestSecret(app) }]));
    this.revision += 1;
    if (this.revision > 1) this.options.announce(`the apps file has been read again: ${summaryOf(file.apps)}`);
    return [];
  }

  private keysOf({ keys, jwks }: AppDefinition): KeySource {
    const fixed = fixedKeys(keys);
    if (jwks === undefined) return fixed;
    const { fetchText, runtime, report } = this.options;
    const remote = new RemoteKeySet({ ...jwks, fetchText, runtime, report });
    return {
      async find(hint) {
        const found = await fixed.find(hint);
        return found.length > 0 ? found : remote.find(hint);
      },
    };
  }
}

/** The apps with the ids of their keys, so that whoever rotates one sees that it is known. */
function summaryOf(apps: readonly AppDefinition[]): string {
  const keysOf = ({ keys, jwks }: AppDefinition) => [
    ...keys.map((key) => key.id ?? "(without an id)"),
    ...(jwks === undefined ? [] : ["(key set)"]),
  ];
  return apps.map((app) => `${app.id} with the keys ${keysOf(app).join(", ")}`).join("; ");
}

/** The last one in the file: a new key is added behind the old ones, and those go when their last tokens have expired. */
function newestSecret({ keys }: AppDefinition): SecretTokenKey | undefined {
  return keys.filter((key) => "secret" in key).at(-1);
}
