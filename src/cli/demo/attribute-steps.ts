// The step of the demo in which a channel gets an attribute.
import { AttributeNotice } from "../../../gen/aldis/v1/attribute.js";
import type { Scene } from "./scene.js";
import { check, type Facts, type Step } from "./step.js";

export const attributeSteps: readonly Step[] = [
  { name: "Alice gives the channel a topic, and Bob hears of it", play: setTopic },
];

async function setTopic({ alice, bob }: Scene): Promise<Facts> {
  const revision = await alice.channel.attributes.update({ topic: "tea" }, { notice: AttributeNotice.CHANGE });
  const [change] = await bob.attributeChanges.take(1, "changes of attributes");
  const topic = change?.attributes.get("topic");
  check(topic?.value === "tea" && topic.lastUpdateUser === alice.userId, "Bob heard of another change");
  const { attributes } = await bob.channel.attributes.get({ keys: ["topic"] });
  check(attributes.get("topic")?.value === "tea", "the channel has another topic");
  return { topic: "tea", revision };
}
