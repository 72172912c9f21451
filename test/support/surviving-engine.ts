import type { Limits } from "../../gen/aldis/v1/tables/limits.js";
import { createEmbeddedEngine } from "../../src/server/engine/embedded/embedded-engine.js";
import { MemoryAttributeStore } from "../../src/server/engine/embedded/memory-attribute-store.js";
import { MemoryInbox } from "../../src/server/engine/embedded/memory-inbox.js";
import { MemoryInvitationStore } from "../../src/server/engine/embedded/memory-invitation-store.js";
import type { Engine } from "../../src/server/engine/engine.js";
import type { Clock, Runtime } from "../../src/server/runtime.js";

/**
 * What the engines of nodes that die one after another have in common: attributes, inboxes and invitations outlive them, as on a
 * disk, and all else begins anew. Gives what opens the engine of the next node. `clock` must outlive the nodes.
 */
export function survivingEngine(clock: Clock, limits: Limits): (runtime: Runtime) => Engine {
  const disk = {
    attributes: new MemoryAttributeStore({ limits }),
    inbox: new MemoryInbox({ clock, limits }),
    invitations: new MemoryInvitationStore({ clock }),
  };
  return (runtime) => ({ ...createEmbeddedEngine({ runtime, limits }), ...disk });
}
