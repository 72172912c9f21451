// The part of the story in which the server is restarted while Bob is away.
import { SessionStart } from "../../../gen/aldis/v1/session.js";
import { nameOf } from "../name-of.js";
import type { Scene } from "./scene.js";
import { check, type Facts, type Step } from "./step.js";

export const restartSteps: readonly Step[] = [
  { name: "The server is restarted: Alice comes back by herself, and the topic is still there", play: restart },
];

async function restart({ alice, restart }: Scene): Promise<Facts> {
  if (restart === undefined) return { skipped: "the server is not the story's own" };
  await alice.sessions.take(alice.sessions.size, "sessions of Alice");
  // The connection breaks, as it does when a process dies.
  alice.transport.cut();
  await restart();
  alice.transport.mend();
  const [session] = await alice.sessions.take(1, "sessions of Alice");
  const start = session?.start ?? SessionStart.UNSPECIFIED;
  check(start === SessionStart.EXPIRED, `Alice's session is ${nameOf(SessionStart, start)}`);
  const { attributes } = await alice.channel.attributes.get({ keys: ["topic"] });
  const topic = attributes.get("topic")?.value ?? "";
  check(topic === "tea", `the topic of the channel is "${topic}"`);
  return { session: nameOf(SessionStart, start), topic };
}
