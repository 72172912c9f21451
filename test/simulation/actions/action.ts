import type { SimulatedClient } from "../client.js";
import type { World } from "../world.js";

/** Something that a client does. */
export interface Action {
  readonly name: string;
  /** Does it now; answers come later. */
  run(client: SimulatedClient, world: World): void;
}
