import type { Scene } from "../scene.js";

/** Something that goes wrong. */
export interface Fault {
  readonly name: string;
  /** Lets it go wrong now. Gives whom it befell, or undefined if there was nothing to break. */
  strike(scene: Scene): string | undefined;
}
