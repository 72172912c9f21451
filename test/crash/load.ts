import { DeliveryOutcome } from "../../src/client/index.js";
import type { Client } from "./server.js";

/** What the server has confirmed. Texts are numbers that rise in the order of sending. */
export interface Confirmed {
  /** The offset of each message to the channel, by its text. */
  readonly channel: Map<string, number>;
  /** The messages stored for the user who is away. */
  readonly peer: Set<string>;
  /** The last value of the attribute. */
  attribute: number;
  /** The calls to the user who is away, by their content. */
  readonly invitations: Set<string>;
  /** All confirmations, those of attributes too. */
  count: number;
}

/** Who and what one round is about. */
export interface Names {
  readonly channel: string;
  readonly sender: string;
  readonly away: string;
}

const channelSendersAtOnce = 8;
const peerSendersAtOnce = 8;
/** The most invitations of a round: they all ring at once when the user is back. */
const mostInvitations = 50;

/** Keeps a server busy with everything that it stores, until `isOver`. What fails is not confirmed, and no matter. */
export async function load(client: Client, names: Names, confirmed: Confirmed, isOver: () => boolean): Promise<void> {
  const next = { channel: 0, peer: 0, attribute: 0, invitation: 0 };
  const channel = client.channel(names.channel);
  const sendToChannel = async () => {
    const text = `${next.channel++}`;
    const { position } = await channel.send(text);
    if (position !== undefined) confirmed.channel.set(text, position.offset);
  };
  const sendToPeer = async () => {
    const text = `${next.peer++}`;
    const { outcome } = await client.sendToPeer(names.away, text, { storeIfAway: true });
    if (outcome === DeliveryOutcome.STORED) confirmed.peer.add(text);
  };
  const writeAttribute = async () => {
    const value = ++next.attribute;
    await channel.attributes.update({ value: `${value}` });
    confirmed.attribute = value;
  };
  const invite = async () => {
    if (next.invitation === mostInvitations) return pause();
    const content = `${next.invitation++}`;
    await client.invitations.invite(names.away, { content }).send();
    confirmed.invitations.add(content);
  };
  const repeat = async (work: () => Promise<void>) => {
    while (!isOver()) {
      const done = await work().then(
        () => true,
        () => false,
      );
      if (done && !isOver()) confirmed.count += 1;
    }
  };
  const many = (count: number, work: () => Promise<void>) => Array.from({ length: count }, () => repeat(work));
  await Promise.all([
    ...many(channelSendersAtOnce, sendToChannel),
    ...many(peerSendersAtOnce, sendToPeer),
    repeat(writeAttribute),
    repeat(invite),
  ]);
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 50));
}
