// The part of the story in which Bob is away.
import { DeliveryOutcome } from "../../../gen/aldis/v1/message.js";
import { nameOf } from "../name-of.js";
import { restartSteps } from "./restart-steps.js";
import type { Scene } from "./scene.js";
import { check, type Facts, type Step } from "./step.js";

export const inboxSteps: readonly Step[] = [
  { name: "Bob logs out, and Alice's message to him is stored", play: storeForBob },
  ...restartSteps,
  { name: "Bob logs in and gets it, and Alice is told", play: deliverStored },
];

const text = "Read this when you are back.";

async function storeForBob({ alice, bob }: Scene): Promise<Facts> {
  await bob.client.logout();
  await bob.states.take(1, "changes of Bob's connection");
  const { outcome } = await alice.client.sendToPeer(bob.userId, text, { storeIfAway: true, receiptLater: true });
  check(outcome === DeliveryOutcome.STORED, `the outcome is ${nameOf(DeliveryOutcome, outcome)}`);
  return { outcome: nameOf(DeliveryOutcome, outcome) };
}

async function deliverStored({ alice, bob }: Scene): Promise<Facts> {
  await bob.client.login();
  await bob.states.take(2, "changes of Bob's connection");
  await bob.sessions.take(1, "sessions of Bob");
  const [message] = await bob.peerMessages.take(1, "messages");
  check(message?.stored === true && message.payload.text === text, "Bob got another message");
  const [receipt] = await alice.receipts.take(1, "receipts");
  const outcome = receipt?.outcome ?? DeliveryOutcome.UNSPECIFIED;
  check(outcome === DeliveryOutcome.DELIVERED, `the receipt says ${nameOf(DeliveryOutcome, outcome)}`);
  return { receipt: nameOf(DeliveryOutcome, outcome) };
}
