import { type Hello, SessionStart } from "../../gen/aldis/v1/session.js";
import { RawClient } from "../support/raw-client.js";
import { testApp, testToken } from "../support/test-node.js";
import type { Scene } from "./scene.js";

const name = "stranger.1";

/** How long a stranger waits for what it may hear, in milliseconds. */
const patienceMs = 5_000;

/** Somebody from outside the app, who tries to get in with what belongs to others. */
export class Stranger {
  readonly #scene: Scene;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** Begins, and goes on while the run is active. */
  act(): void {
    this.#scene.later(this.#scene.random.between(3_000, 20_000), () => {
      if (this.#scene.phase !== "active") return;
      this.#knock();
      this.act();
    });
  }

  #knock(): void {
    const { random, users, clients, network, later } = this.#scene;
    const victim = random.pick(users);
    const sessionId = random.pick(clients).app.sessionId ?? "";
    const tries: readonly Partial<Hello>[] = [
      { appId: "other", userId: victim, token: testToken(victim, 0, {}, "other") },
      { appId: testApp, userId: victim, token: testToken(victim, 0, {}, "other") },
      { appId: testApp, userId: victim, token: testToken("stranger") },
      { appId: testApp, userId: "stranger", token: testToken("stranger"), resume: resumeOf(sessionId) },
    ];
    const transport = network.transport(name);
    const client = new RawClient((listener) => transport.open(listener));
    const hello = random.pick(tries);
    client.hello(hello);
    later(patienceMs, () => {
      this.#tell(client, hello.userId !== "stranger");
      client.cut();
    });
  }

  #tell({ controls, events }: RawClient, mustBeRefused: boolean): void {
    const { journal } = this.#scene;
    const welcome = controls.find(({ $case }) => $case === "welcome");
    if (events.length > 0) journal.note(name, { kind: "stranger", got: "event" });
    else if (welcome?.$case !== "welcome") journal.note(name, { kind: "stranger", got: "nothing" });
    else if (mustBeRefused) journal.note(name, { kind: "stranger", got: "welcome" });
    else if (welcome.value.start === SessionStart.RESUMED) journal.note(name, { kind: "stranger", got: "session" });
  }
}

function resumeOf(sessionId: string) {
  return { sessionId, resumeToken: "guessed", eventsReceived: 0, resultsReceived: 0 };
}
