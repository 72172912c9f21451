import { MembershipState } from "../../../gen/aldis/v1/channel.js";
import { ConnectionState } from "../../../gen/aldis/v1/connection.js";
import { DeliveryOutcome } from "../../../gen/aldis/v1/message.js";
import { SessionStart } from "../../../gen/aldis/v1/session.js";
import { type Entry, type PlacedMessage, userOf } from "../journal.js";
import { ChannelPlaces } from "./channel-places.js";
import type { CheckerFactory } from "./checker.js";

/**
 * How long the server may keep a session that no client knows, in milliseconds: after a logout that it has not heard, or a login
 * that was given up. Until then messages are accepted for it.
 */
const ghostMs = 125_000;

interface Accepted {
  readonly at: number;
  readonly from: string;
  readonly to: string;
  readonly message: string;
}

/**
 * What was accepted is heard, or the client knows that it may have missed something: its session has ended, or a gap of the
 * channel was told. A client that is healthy for long enough is connected.
 */
export const noSilentLoss: CheckerFactory = (report) => {
  const heard = new Set<string>();
  /** The first acceptance of each message: a retry is told of the same. */
  const accepted = new Map<string, Accepted>();
  /** What the store has, for as long as its process lives. */
  const stored = new Map<string, Accepted>();
  /** When a session of the user last ended or was found to have ended. */
  const brokenAt = new Map<string, number>();
  const states = new Map<string, ConnectionState>();
  const places = new ChannelPlaces();

  function noteBroken(user: string, at: number): void {
    brokenAt.set(user, Math.max(at, brokenAt.get(user) ?? 0));
  }

  function takeAnswer({ at, who, what }: Entry): void {
    if (what.kind !== "answered") return;
    const { question, answer } = what;
    if (question.operation === "sendToPeer" && answer.outcome === DeliveryOutcome.ACCEPTED) {
      const { to, message } = question;
      if (!accepted.has(message)) accepted.set(message, { at, from: who, to, message });
    } else if (question.operation === "sendToPeer" && answer.outcome === DeliveryOutcome.STORED) {
      stored.set(question.message, { at, from: who, to: question.to, message: question.message });
    } else if (question.operation === "sendToChannel" && answer.position !== undefined) {
      const placed: PlacedMessage = { ...answer.position, message: question.message, sender: userOf(who) };
      places.learn(question.channel, placed, at);
    }
  }

  function checkPeers(): void {
    for (const { at, from, to, message } of accepted.values()) {
      if (heard.has(`${to} ${message}`) || (brokenAt.get(to) ?? -1) >= at) continue;
      report({ at, parties: [from, to], problem: `${message} was accepted, and ${to} has never heard it in the same session` });
    }
  }

  function checkStored(at: number): void {
    const online = new Set([...states].filter(([, state]) => state === ConnectionState.CONNECTED).map(([who]) => userOf(who)));
    for (const { from, to, message } of stored.values()) {
      if (heard.has(`${to} ${message}`) || !online.has(to)) continue;
      report({ at, parties: [from, to], problem: `${message} was stored, and ${to}, who is online, has never heard it` });
    }
  }

  function checkChannels(at: number): void {
    for (const { who, channel, offset, message } of places.losses()) {
      report({
        at,
        parties: [who],
        problem: `${who} has never heard ${message} at place ${offset} of ${channel}, and was told of no gap`,
      });
    }
  }

  function checkStates(at: number): void {
    for (const [who, state] of states) {
      if (state !== ConnectionState.RECONNECTING && state !== ConnectionState.CONNECTING) continue;
      report({ at, parties: [who], problem: `${who} is still without a session, and nothing is in its way` });
    }
  }

  return {
    take(entry) {
      const { at, who, what } = entry;
      takeChannel(entry, places);
      if (what.kind === "peerMessage") heard.add(`${userOf(who)} ${what.message}`);
      else if (what.kind === "answered") takeAnswer(entry);
      else if (what.kind === "crashed") {
        stored.clear();
        for (const user of [...states.keys()].map(userOf)) noteBroken(user, at);
      } else if (what.kind === "failed" && what.question.operation === "login") noteBroken(userOf(who), at + ghostMs);
      // The new session has taken the place of whatever was left of others.
      else if (what.kind === "session" && what.start !== SessionStart.RESUMED) brokenAt.set(userOf(who), at);
      else if (what.kind === "state") {
        states.set(who, what.state);
        const isOver = what.state === ConnectionState.DISCONNECTED || what.state === ConnectionState.ABORTED;
        if (isOver) noteBroken(userOf(who), at + ghostMs);
      } else if (what.kind === "quiet") {
        checkPeers();
        checkStored(at);
        checkChannels(at);
        checkStates(at);
      }
    },
    end() {},
  };
};

/** Tells the places what a member hears of its channel. */
function takeChannel({ at, who, what }: Entry, places: ChannelPlaces): void {
  if (what.kind === "channelMessage") places.hear(who, what.channel, what, at);
  else if (what.kind === "gap") {
    const { first, last, position, channel } = what;
    if (first > 0) places.tellGap(who, channel, first, last);
    // With recovered messages to come, the first of them says where the member goes on.
    else if (position !== undefined) places.tellNewEpoch(who, channel, position.epoch, position.offset || undefined, at);
  } else if (what.kind === "membership") {
    const { state, channel, position, receivesOwn } = what;
    const inside = state === MembershipState.JOINED || state === MembershipState.JOINING;
    if (!inside) places.leave(who, channel);
    else if (state === MembershipState.JOINED && position !== undefined) {
      places.join(who, channel, { epoch: position.epoch, from: position.offset, receivesOwn }, at);
    }
  }
}
