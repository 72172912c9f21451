import { readFileSync } from "node:fs";
import type { Config } from "../config.js";
import type { OperatorNews } from "../operator-news.js";
import { type Runtime, randomId } from "../runtime.js";
import { fixedApp, type ServedApps } from "./app.js";
import { Apps } from "./apps.js";
import { developmentSecret } from "./development-file.js";
import { fetchText } from "./fetch-text.js";
import { secretTokenKey } from "./token-key.js";

type AppsConfig = Pick<Config, "appId" | "appsFile" | "tokenSecret" | "development" | "dataDir"> &
  Partial<Pick<Config, "grpcPort">>;

/** The apps of a server, until it stops. */
export interface OpenApps {
  readonly apps: ServedApps;
  /** The secret of the one app of the configuration. */
  readonly secret?: string;
  /** Looks at once whether the apps file has changed. */
  reload(): void;
  stop(): void;
}

/** The apps of the apps file, which is watched, or the one app of the configuration with its secret. Rejects if the file is wrong. */
export async function openApps(config: AppsConfig, runtime: Runtime, news: OperatorNews): Promise<OpenApps> {
  const { appsFile: path } = config;
  if (path === undefined) {
    const secret = await secretOf(config, runtime);
    return { apps: fixedApp(config.appId, secretTokenKey(secret)), secret, reload() {}, stop() {} };
  }
  const readFile = (name: string) => readFileSync(name, "utf8");
  const apps = Apps.open({ path, readFile, fetchText, runtime, ...news });
  const watch = apps.watch();
  return { apps, reload: () => apps.reload(), stop: () => watch.cancel() };
}

async function secretOf(config: AppsConfig, runtime: Runtime): Promise<string> {
  if (config.tokenSecret !== undefined) return config.tokenSecret;
  const kept = config.development && config.grpcPort !== undefined;
  return kept ? developmentSecret(config.dataDir, runtime) : randomId(runtime, 256);
}
