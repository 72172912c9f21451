import { RawClient } from "../support/raw-client.js";
import { join, queryPresence, toChannel, toPeer } from "../support/requests.js";
import { testApp, testToken } from "../support/test-node.js";
import type { Random } from "./random.js";
import type { Scene } from "./scene.js";

/** A client that breaks the rules: raw frames, wrong order, floods, and no acknowledgements. */
export class Hostile {
  readonly #name: string;
  readonly #scene: Scene;
  readonly #random: Random;
  #client: RawClient | undefined;

  constructor(name: string, scene: Scene) {
    this.#name = name;
    this.#scene = scene;
    this.#random = scene.random.fork();
  }

  /** Begins, and goes on while the run is active. */
  act(): void {
    this.#scene.later(this.#random.between(50, 4_000), () => {
      if (this.#scene.phase !== "active") return;
      this.#misbehave();
      this.act();
    });
  }

  leave(): void {
    this.#client?.cut();
  }

  #misbehave(): void {
    if (this.#client === undefined || this.#client.closed) {
      const transport = this.#scene.network.transport(this.#name);
      this.#client = new RawClient((listener) => transport.open(listener));
      if (this.#random.chance(0.8)) this.#hello(this.#client);
      return;
    }
    this.#random.pick(tricks)(this.#client, this.#random, this.#scene);
    if (this.#random.chance(0.05)) this.#client.cut();
  }

  #hello(client: RawClient): void {
    const userId = this.#name.split(".")[0] ?? "";
    client.hello({ appId: testApp, userId, token: this.#random.chance(0.9) ? testToken(userId) : "rubbish" });
  }
}

const tricks: readonly ((client: RawClient, random: Random, scene: Scene) => void)[] = [
  (client, random) => client.sendBytes(random.bytes(random.between(0, 200))),
  (client, random) => random.chance(0.2) && client.sendBytes(new Uint8Array(200_000)),
  (client) => client.hello({ appId: testApp, userId: "mallory", token: testToken("mallory") }),
  (client) => client.send({ $case: "ack", value: { events: 1_000_000, results: 1_000_000 } }),
  (client) => client.ping(7),
  (client, _random, { channels }) => client.call(join(channels[0] ?? "")),
  (client, random, { users }) => {
    for (let i = random.between(1, 300); i > 0; i -= 1) client.call(queryPresence(...users));
  },
  (client, random, { users }) => {
    for (let i = random.between(1, 100); i > 0; i -= 1) client.call(toPeer(random.pick(users), "hostile"));
  },
  (client, _random, { channels }) => client.call(toChannel(channels[0] ?? "", "hostile-channel")),
];
