import { createRequire } from "node:module";

/** The version of this package. */
export const serverVersion: string = (createRequire(import.meta.url)("aldis/package.json") as { version: string }).version;
