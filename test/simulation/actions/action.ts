import type { SimulatedClient } from "../client.js";
import type { Scene } from "../scene.js";

/** Something that a client does. */
export interface Action {
  readonly name: string;
  /** Does it now; answers come later. */
  run(client: SimulatedClient, scene: Scene): void;
}
