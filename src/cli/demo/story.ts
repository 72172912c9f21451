// The story of the demo. Each step does something with the ordinary client, and checks what came of it.
import { ConnectionState } from "../../../gen/aldis/v1/connection.js";
import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { DeliveryOutcome } from "../../../gen/aldis/v1/message.js";
import { PresenceState } from "../../../gen/aldis/v1/presence.js";
import { SessionStart } from "../../../gen/aldis/v1/session.js";
import { AldisError } from "../../client/error.js";
import { nameOf } from "../name-of.js";
import { attributeSteps } from "./attribute-steps.js";
import { callSteps } from "./call-steps.js";
import { inboxSteps } from "./inbox-steps.js";
import type { Actor, Scene } from "./scene.js";
import { check, type Facts, type Step } from "./step.js";

export const story: readonly Step[] = [
  { name: "Alice and Bob log in", play: logIn },
  { name: "A presence query shows both online", play: askWhoIsOnline },
  { name: "Alice sends Bob a message and gets a true receipt", play: sendToBob },
  { name: "A message to Carol, who is away, fails at once", play: sendToCarol },
  { name: "Both join a channel", play: join },
  { name: "They talk, and both see one order", play: talk },
  { name: "Bob's connection is cut", play: cutBob },
  { name: "Alice goes on talking without him", play: goOnTalking },
  { name: "Bob comes back and has everything, once and in order", play: bringBobBack },
  ...attributeSteps,
  { name: "Alice leaves the channel, and Bob hears of it", play: leave },
  ...callSteps,
  ...inboxSteps,
  { name: "Both log out", play: logOut },
];

const missedTexts = ["Are you there?", "One.", "Two.", "Three.", "You will get this."];

async function logIn({ alice, bob }: Scene): Promise<Facts> {
  await Promise.all([alice.client.login(), bob.client.login()]);
  await bob.states.take(2, "changes of Bob's connection");
  await bob.sessions.take(1, "sessions of Bob");
  return { alice: alice.userId, bob: bob.userId };
}

async function askWhoIsOnline({ alice, bob }: Scene): Promise<Facts> {
  const presences = await alice.client.queryPresence([alice.userId, bob.userId]);
  const states = presences.map(({ state }) => nameOf(PresenceState, state));
  check(states.join() === "ONLINE,ONLINE", `the states are ${states.join(" and ")}`);
  return { online: states.length };
}

async function sendToBob({ alice, bob }: Scene): Promise<Facts> {
  const { outcome } = await alice.client.sendToPeer(bob.userId, "Hello, Bob!");
  check(outcome === DeliveryOutcome.DELIVERED, `the outcome is ${nameOf(DeliveryOutcome, outcome)}`);
  const [message] = await bob.peerMessages.take(1, "messages");
  check(message?.sender === alice.userId && message.payload.text === "Hello, Bob!", "Bob got another message");
  return { outcome: nameOf(DeliveryOutcome, outcome) };
}

async function sendToCarol({ alice, carol }: Scene): Promise<Facts> {
  const failure = await alice.client.sendToPeer(carol, "Hello?").then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  check(failure instanceof AldisError && failure.code === ErrorCode.PEER_UNREACHABLE, `it ended with ${failure ?? "success"}`);
  return { error: "PEER_UNREACHABLE" };
}

async function join({ alice, bob, channelId }: Scene): Promise<Facts> {
  await alice.channel.join({ receiveOwnMessages: true });
  await bob.channel.join({ receiveOwnMessages: true });
  return { channel: channelId };
}

async function talk({ alice, bob }: Scene): Promise<Facts> {
  const lines: readonly (readonly [Actor, string])[] = [
    [alice, "Hi all."],
    [bob, "Hi Alice."],
    [alice, "Shall we?"],
    [bob, "We shall."],
  ];
  await Promise.all(lines.map(([actor, text]) => actor.channel.send(text)));
  const [byAlice, byBob] = await Promise.all([
    alice.channelMessages.take(lines.length, "channel messages"),
    bob.channelMessages.take(lines.length, "channel messages"),
  ]);
  const [orderOfAlice, orderOfBob] = [byAlice, byBob].map((messages) => messages.map(({ offset }) => offset).join(" "));
  check(orderOfAlice === orderOfBob, `Alice sees the offsets ${orderOfAlice}, and Bob ${orderOfBob}`);
  return { offsets: orderOfAlice ?? "" };
}

async function cutBob({ bob }: Scene): Promise<Facts> {
  bob.transport.cut();
  await expectState(bob, ConnectionState.RECONNECTING);
  return { bob: "RECONNECTING" };
}

async function goOnTalking({ alice }: Scene): Promise<Facts> {
  for (const text of missedTexts) await alice.channel.send(text);
  return { messages: missedTexts.length };
}

async function bringBobBack({ bob }: Scene): Promise<Facts> {
  bob.transport.mend();
  await expectState(bob, ConnectionState.CONNECTED);
  const [session] = await bob.sessions.take(1, "sessions of Bob");
  check(session?.start === SessionStart.RESUMED, "Bob has a new session, and should have gone on with the old one");
  const messages = await bob.channelMessages.take(missedTexts.length, "missed messages");
  const texts = messages.map(({ payload }) => payload.text);
  check(texts.join() === missedTexts.join(), `Bob got ${JSON.stringify(texts)}`);
  return { session: "RESUMED", messages: texts.length, offsets: messages.map(({ offset }) => offset).join(" ") };
}

async function leave({ alice, bob }: Scene): Promise<Facts> {
  await alice.channel.leave();
  const [departure] = await bob.departures.take(1, "departures");
  check(departure?.userId === alice.userId, "Bob heard of somebody else");
  // The stream keeps its order, so what came twice would have come before this.
  check(bob.channelMessages.size === 0, "Bob got a message twice");
  return { left: alice.userId };
}

async function logOut({ alice, bob }: Scene): Promise<Facts> {
  await Promise.all([alice.client.logout(), bob.client.logout()]);
  await expectState(bob, ConnectionState.DISCONNECTED);
  return {};
}

async function expectState(actor: Actor, expected: ConnectionState): Promise<void> {
  const [change] = await actor.states.take(1, "changes of Bob's connection");
  const state = change?.state ?? ConnectionState.UNSPECIFIED;
  check(state === expected, `Bob's connection is ${nameOf(ConnectionState, state)}`);
}
