import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import { type Presence, PresenceState } from "../../../../gen/aldis/v1/presence.js";
import { dialectCode } from "../../../../gen/aldis/v1/tables/dialects.js";
import type { AldisClient } from "../../client.js";
import { failure } from "../../error.js";
import type { CallOptions } from "../../options.js";
import type { RtmContext } from "./context.js";
import { checkList, checkUserId } from "./identifiers.js";
import { toRecord } from "./record.js";
import { PeerOnlineState, PeerSubscriptionOption } from "./status-code.js";
import { nameOf, PeerOnlineStateNumber } from "./status-numbers.js";

/** Whether peers are online. */
export interface PeersOnlineStatusResult {
  [peerId: string]: boolean;
}

/** How subscribed peers are. */
export interface PeersOnlineStatusMap {
  [peerId: string]: PeerOnlineState;
}

/** The time in milliseconds for a call about peers. */
const TIMEOUT_MS = 10_000;

/** Whether users are online, now or from now on. */
export class Peers {
  readonly #context: RtmContext;
  readonly #tell: (status: PeersOnlineStatusMap) => void;
  /** The version of each subscribed peer's state that was told, so that an older one is never told after it. */
  readonly #told = new Map<string, number>();

  constructor(context: RtmContext, tell: (status: PeersOnlineStatusMap) => void) {
    this.#context = context;
    this.#tell = tell;
  }

  /** Tells a present state. One who is silent, but not yet gone, is online. */
  query(peerIds: string[]): Promise<PeersOnlineStatusResult> {
    return this.#call(async (client, options) => {
      checkPeers(peerIds);
      const presences = await client.queryPresence(peerIds, options);
      return toRecord(presences.map(({ userId, state }) => [userId, state !== PresenceState.OFFLINE]));
    });
  }

  /** The present states are told as an event, as all later ones are. */
  subscribe(peerIds: string[]): Promise<void> {
    return this.#call(async (client, options) => {
      checkPeers(peerIds);
      this.#take(await client.presence.subscribe(peerIds, options));
    });
  }

  unsubscribe(peerIds: string[]): Promise<void> {
    return this.#call(async (client, options) => {
      checkPeers(peerIds);
      await client.presence.unsubscribe(peerIds, options);
      for (const peerId of peerIds) this.#told.delete(peerId);
    });
  }

  /** The peers that are subscribed to. */
  subscribed(option: PeerSubscriptionOption): Promise<string[]> {
    return this.#call(async (client, options) => {
      if (option !== PeerSubscriptionOption.ONLINE_STATUS) {
        throw failure(ErrorCode.INVALID_ARGUMENT, "Only ONLINE_STATUS can be subscribed to.");
      }
      return [...(await client.presence.list(options))];
    });
  }

  /** Hears of the subscriptions of a login. */
  listen(client: AldisClient): void {
    this.#told.clear();
    client.on("presence", (presence) => this.#take([presence]));
  }

  #take(presences: readonly Presence[]): void {
    const news = presences.filter(({ userId, version }) => version >= (this.#told.get(userId) ?? 0));
    for (const { userId, version } of news) this.#told.set(userId, version);
    if (news.length > 0) this.#tell(toRecord(news.map(({ userId, state }) => [userId, stateName(state)])));
  }

  #call<T>(work: (client: AldisClient, options: CallOptions) => Promise<T>): Promise<T> {
    return this.#context.call("RTM_QUERY_PRESENCE", TIMEOUT_MS, work);
  }
}

function checkPeers(peerIds: unknown): asserts peerIds is string[] {
  checkList(peerIds);
  for (const peerId of peerIds) checkUserId(peerId);
}

function stateName(state: PresenceState): PeerOnlineState {
  const code = dialectCode("RTM_PEER_ONLINE_STATE", "PresenceState", state);
  return nameOf(PeerOnlineStateNumber, code, PeerOnlineState.OFFLINE);
}
