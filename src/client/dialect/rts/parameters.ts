import { DefaultOptions, type DialectOptions } from "../shared/options.js";
import type { Host } from "./host.js";

/** What `createRTS` takes besides the app: the way to the server, and the host. Unknown keys are ignored. */
export interface RTSParameters extends DialectOptions {
  /** Where the statistics and the network type come from. Default: this machine. */
  readonly host?: Host;
}

/** The parameters that hold where an engine gets none of its own. */
export const defaultParameters = new DefaultOptions<RTSParameters>();

/** Sets the parameters that hold where `createRTS` gets none, so that an application need not change its calls. */
export function configure(parameters: RTSParameters): void {
  defaultParameters.set(parameters);
}
