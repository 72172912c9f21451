import { defineScript } from "../script.js";

/**
 * Publishes a message on the shard channel of the tag. Of the tag `topic`. Cost: O(listening nodes). A message whose answer was
 * lost is not published again.
 */
export const publish = defineScript({
  name: "publish",
  kind: "change",
  keys: [],
  args: ["message"],
  lua: `redis.call('SPUBLISH', topic, message)
return 1`,
});
