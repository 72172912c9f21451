import { toPayload } from "../../../src/client/payload.js";
import type { SimulatedClient } from "../client.js";
import type { Scene } from "../scene.js";
import type { Action } from "./action.js";

const wrongCalls: readonly ((client: SimulatedClient, scene: Scene) => Promise<unknown>)[] = [
  ({ app }) => app.sendToPeer("", "to nobody"),
  ({ app }) => app.sendToPeer("x".repeat(200), "to a long name"),
  ({ app }) => app.sendToPeer("line\nbreak", "to a control character"),
  ({ app }) => app.call("sendPeerMessage", { receiver: "nobody-is-called-this" }),
  ({ app }) => app.sendToPeer("nobody-is-called-this", "to nobody"),
  ({ app }, { users }) => app.sendToPeer(users[0] ?? "", "x".repeat(70_000)),
  ({ app }, { users }) => app.sendToPeer(users[0] ?? "", "x".repeat(140_000)),
  ({ app }) => app.channel("never-joined").send("not a member"),
  ({ app }) => app.channel("never-joined").leave(),
  ({ app }) => app.call("leaveChannel", { channel: "never-joined" }),
  ({ app }) => app.call("joinChannel", { channel: "" }),
  ({ app }) => app.call("sendChannelMessage", { channel: "never-joined", payload: toPayload("x"), fromOutside: true }),
  ({ app }) => app.memberCounts([]),
  ({ app }) => app.queryPresence(Array.from({ length: 300 }, (_, i) => `user${i}`)),
  ({ app }) => app.call("setUserAttributes", {}),
  ({ app }) => app.call("sendDtmf", {}),
  ({ app }) => app.login(),
];

/** Makes a call that cannot succeed. */
export const callWrongly: Action = {
  name: "callWrongly",
  run(client, scene) {
    const wrong = client.random.between(0, wrongCalls.length - 1);
    void client.ask({ operation: "wrong", about: `number ${wrong}` }, async () => {
      await wrongCalls[wrong]?.(client, scene);
      return {};
    });
  },
};
