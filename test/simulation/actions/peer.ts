import { SendConfirmation } from "../../../gen/aldis/v1/message.js";
import { toPayload } from "../../../src/client/payload.js";
import type { SimulatedClient } from "../client.js";
import type { Scene } from "../scene.js";
import type { Action } from "./action.js";

const confirmations = [SendConfirmation.DELIVERED, SendConfirmation.ACCEPTED, SendConfirmation.UNSPECIFIED];

interface Send {
  readonly to: string;
  readonly message: string;
  readonly clientMessageId: string;
  readonly confirmation: SendConfirmation;
  readonly storeIfAway: boolean;
  readonly padding: number;
}

function newSend(client: SimulatedClient, scene: Scene): Send {
  const { random } = client;
  const message = client.newMessage();
  const padding = random.chance(0.05) ? random.between(1_000, 60_000) : random.between(0, 40);
  return {
    to: random.pick(scene.users),
    message,
    clientMessageId: `id-${message}`,
    confirmation: random.pick(confirmations),
    storeIfAway: random.chance(0.4),
    padding,
  };
}

function send(client: SimulatedClient, { to, message, padding, ...options }: Send): void {
  const timeoutMs = client.random.chance(0.1) ? client.random.between(1, 500) : undefined;
  const request = { receiver: to, payload: toPayload(`${message} ${"x".repeat(padding)}`), ...options };
  const run = async () => ({ outcome: (await client.app.call("sendPeerMessage", request, { timeoutMs })).outcome });
  void client.ask({ operation: "sendToPeer", to, message, storeIfAway: options.storeIfAway }, run, timeoutMs);
}

/** Sends one message to one user, or some in a row. */
export const sendToPeer: Action = {
  name: "sendToPeer",
  run(client, scene) {
    const count = client.random.chance(0.2) ? client.random.between(2, 20) : 1;
    const { to } = newSend(client, scene);
    for (let i = 0; i < count; i += 1) send(client, { ...newSend(client, scene), to });
  },
};

/** Sends a message, and the same again with its client message id, perhaps with others in between. */
export const retryToPeer: Action = {
  name: "retryToPeer",
  run(client, scene) {
    const first = newSend(client, scene);
    send(client, first);
    const again = (): void => {
      if (client.random.chance(0.5)) send(client, { ...newSend(client, scene), to: first.to });
      send(client, first);
    };
    if (client.random.chance(0.4)) again();
    else scene.later(client.random.between(1, 20_000), again);
  },
};
