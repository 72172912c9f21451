import { writeOwnAttributes } from "./actions/attributes.js";
import { sendToChannel } from "./actions/channel.js";
import { someNode } from "./faults/node.js";
import type { Scene } from "./scene.js";

/** How long the node does not hear the bus, in milliseconds: longer than what is said is on its way. */
const deafMs = 1_000;

/**
 * All clients say something to a channel and change their attributes, while one node does not hear the bus. Nothing comes after
 * it by which the node would notice what it has missed: only what it does of its own accord shows its clients the last words.
 */
export function sayLastWords(scene: Scene): void {
  const server = someNode(scene);
  if (server?.breakBus(deafMs)) scene.journal.note(server.name, { kind: "fault", fault: "lastWords", about: server.name });
  for (const client of scene.clients) {
    if (!client.isConnected) continue;
    sendToChannel.run(client, scene);
    writeOwnAttributes.run(client, scene);
  }
}
