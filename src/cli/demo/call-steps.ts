// The steps of the demo in which Alice calls Bob.
import { InvitationEndReason } from "../../../gen/aldis/v1/invitation.js";
import type { IncomingInvitation } from "../../client/invitation/incoming-invitation.js";
import type { InviteOptions, OutgoingInvitation } from "../../client/invitation/outgoing-invitation.js";
import { nameOf } from "../name-of.js";
import type { Actor, Scene } from "./scene.js";
import { check, type Facts, type Step } from "./step.js";

export const callSteps: readonly Step[] = [
  { name: "Alice calls Bob; he accepts, and she hangs up", play: call },
  { name: "Alice calls Bob, and takes it back while it rings", play: takeBack },
  { name: "Alice calls Bob, who does not answer in time", play: letRing },
];

const answerTimeoutMs = 500;

async function call(scene: Scene): Promise<Facts> {
  const { alice, bob, channelId } = scene;
  const [outgoing, incoming] = await ring(scene, { channel: channelId, content: "Shall we talk?" });
  await incoming.accept("Yes.");
  await expectNews(alice, "received", "accepted");
  await expectNews(bob, "rings", "accepted");
  await outgoing.end("Bye.");
  await expectNews(alice, "ended");
  await expectNews(bob, "ended");
  check(incoming.endContent === "Bye.", `Bob was told "${incoming.endContent}" at the end`);
  return { channel: incoming.channel, response: outgoing.response, end: nameOf(InvitationEndReason, outgoing.endReason) };
}

async function takeBack(scene: Scene): Promise<Facts> {
  const { alice, bob } = scene;
  const [outgoing, incoming] = await ring(scene, {});
  await expectNews(alice, "received");
  await outgoing.cancel("Never mind.");
  await expectNews(alice, "cancelled");
  await expectNews(bob, "rings", "cancelled");
  return { end: nameOf(InvitationEndReason, incoming.endReason) };
}

async function letRing(scene: Scene): Promise<Facts> {
  const { alice, bob } = scene;
  const [outgoing, incoming] = await ring(scene, { answerTimeoutMs });
  await expectNews(alice, "received", "failed");
  await expectNews(bob, "rings", "failed");
  const reasons = [outgoing, incoming].map(({ endReason }) => nameOf(InvitationEndReason, endReason));
  check(reasons.join() === "EXPIRED,EXPIRED", `the reasons are ${reasons.join(" and ")}`);
  return { end: "EXPIRED" };
}

/** Lets Alice call Bob. Gives what each of them holds when it rings. */
async function ring({ alice, bob }: Scene, options: InviteOptions): Promise<[OutgoingInvitation, IncomingInvitation]> {
  const outgoing = alice.client.invitations.invite(bob.userId, options);
  alice.follow(outgoing);
  await outgoing.send();
  const [incoming] = await bob.rings.take(1, "calls");
  check(incoming?.id === outgoing.id && incoming.caller === alice.userId, "another call rings at Bob");
  return [outgoing, incoming];
}

/** What a user hears of a call, in order. */
async function expectNews(actor: Actor, ...expected: readonly string[]): Promise<void> {
  const news = await actor.callNews.take(expected.length, "events of a call");
  check(news.join() === expected.join(), `${actor.userId} heard ${news.join(", ")}`);
}
