import { MembershipState } from "../../../gen/aldis/v1/channel.js";
import { ConnectionState } from "../../../gen/aldis/v1/connection.js";
import { type Entry, userOf } from "../journal.js";
import { ChannelPlaces } from "./channel-places.js";
import type { CheckerFactory } from "./checker.js";
import { PeerPromises } from "./peer-promises.js";

/**
 * What was accepted is heard, or the client knows that it may have missed something: its session has ended, or a gap of the
 * channel was told. A client that is healthy for long enough is connected.
 */
export const noSilentLoss: CheckerFactory = (report) => {
  const states = new Map<string, ConnectionState>();
  const promises = new PeerPromises();
  const places = new ChannelPlaces();

  function checkPeers(at: number): void {
    for (const { at: acceptedAt, from, to, message } of promises.lostOnTheWay()) {
      const problem = `${message} was accepted, and ${to} has never heard it in the same session`;
      report({ at: acceptedAt, parties: [from, to], problem });
    }
    const connected = [...states].filter(([, state]) => state === ConnectionState.CONNECTED);
    for (const { from, to, message } of promises.lostInStore(new Set(connected.map(([who]) => userOf(who))))) {
      report({ at, parties: [from, to], problem: `${message} was stored, and ${to}, who is online, has never heard it` });
    }
  }

  function checkChannels(at: number): void {
    for (const { who, channel, epoch, offset, message } of places.losses()) {
      const problem = `${who} has never heard ${message} at place ${offset} of epoch ${epoch} of ${channel}, and was told of no gap`;
      report({ at, parties: [who], problem });
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
      promises.take(entry);
      takeChannel(entry, places);
      if (what.kind === "state") states.set(who, what.state);
      else if (what.kind === "quiet") {
        checkPeers(at);
        checkChannels(at);
        checkStates(at);
      }
    },
    end() {},
  };
};

/** Tells the places what a member hears of its channel. */
function takeChannel({ at, who, what }: Entry, places: ChannelPlaces): void {
  if (what.kind === "answered") {
    const { question, answer } = what;
    if (question.operation !== "sendToChannel" || answer.position === undefined) return;
    places.learn(question.channel, { ...answer.position, message: question.message, sender: userOf(who) }, at);
  } else if (what.kind === "channelMessage") places.hear(who, what.channel, what, at);
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
