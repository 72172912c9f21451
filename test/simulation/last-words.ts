import { writeOwnAttributes } from "./actions/attributes.js";
import { sendToChannel } from "./actions/channel.js";
import type { Scene } from "./scene.js";

/** How long nodes do not hear the bus, in milliseconds: longer than what is said is on its way. */
const deafMs = 4_000;

/**
 * All clients say something to a channel and change their attributes, while no node hears the bus. Nothing comes after it by which
 * a node would notice what it has missed: only what it does of its own accord shows its clients the last words.
 */
export function sayLastWords(scene: Scene): void {
  for (const server of scene.servers) {
    if (!server.breakBus(deafMs)) continue;
    scene.journal.note(server.name, { kind: "fault", fault: "lastWords", about: server.name });
  }
  for (const client of scene.clients) {
    if (!client.isConnected) continue;
    sendToChannel.run(client, scene);
    writeOwnAttributes.run(client, scene);
  }
}
