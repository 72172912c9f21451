import { type WatchEventsResponse, WatchedEventKind } from "../../../../gen/aldis/v1/admin_service.js";
import { LeaveReason } from "../../../../gen/aldis/v1/channel.js";
import { dialectCode } from "../../../../gen/aldis/v1/tables/dialects.js";
import { AdminClient } from "../../admin/admin-client.js";
import type { AdminTransport } from "../../admin/admin-transport.js";
import type { AldisClient } from "../../client.js";
import type { Runtime } from "../../runtime.js";
import { codeOf } from "../shared/codes.js";
import { AgoraEcode } from "./codes.js";
import type { Teller } from "./teller.js";

/** What each special channel tells, and what it calls it. */
const specialChannels: ReadonlyMap<string, ReadonlyMap<WatchedEventKind, string>> = new Map([
  [
    "__agora_user_online",
    new Map<WatchedEventKind, string>([
      [WatchedEventKind.LOGIN, "login"],
      [WatchedEventKind.LOGOUT, "logout"],
    ]),
  ],
  [
    "__agora_channel_event",
    new Map<WatchedEventKind, string>([
      [WatchedEventKind.JOIN, "join"],
      [WatchedEventKind.LEAVE, "leave"],
    ]),
  ],
]);

/** True for the name of a special channel. */
export function isSpecial(channelID: string): boolean {
  return specialChannels.has(channelID);
}

/** What the special channels need. */
export interface SpecialChannelsParts {
  readonly client: AldisClient;
  readonly appId: string;
  readonly teller: Teller;
  readonly runtime: Runtime;
  /** Makes a way to the admin service. Undefined for a user who is no operator. */
  readonly openAdmin: (() => AdminTransport) | undefined;
}

/** The channels that tell operators who comes and goes in the whole app. They are no channels of the protocol. */
export class SpecialChannels {
  readonly #parts: SpecialChannelsParts;
  /** What leaves those that are joined. */
  readonly #joined = new Map<string, () => void>();

  constructor(parts: SpecialChannelsParts) {
    this.#parts = parts;
  }

  join(channelID: string): void {
    const { client, openAdmin, teller } = this.#parts;
    const names = specialChannels.get(channelID);
    if (client.sessionId === undefined) {
      teller.tell(["onChannelJoinFailed", channelID, AgoraEcode.GENERAL_E_NOT_LOGIN]);
    } else if (openAdmin === undefined || names === undefined) {
      teller.tell(["onChannelJoinFailed", channelID, AgoraEcode.JOINCHANNEL_E_OTHER]);
    } else if (this.#joined.has(channelID)) {
      teller.tell(["onChannelJoined", channelID]);
    } else {
      this.#joined.set(channelID, this.#watch(channelID, names, openAdmin()));
    }
  }

  leave(channelID: string): void {
    this.#leave(channelID, dialectCode("SIGNALING_LEAVE", "LeaveReason", LeaveReason.LEFT));
  }

  /** The user is logged out, and so is out of all of them. */
  end(ecode: number): void {
    for (const channelID of this.#joined.keys()) this.#leave(channelID, ecode);
  }

  #leave(channelID: string, ecode: number): void {
    this.#joined.get(channelID)?.();
    this.#joined.delete(channelID);
    this.#parts.teller.tell(["onChannelLeaved", channelID, ecode]);
  }

  #watch(channelID: string, names: ReadonlyMap<WatchedEventKind, string>, transport: AdminTransport): () => void {
    const { appId, teller, runtime } = this.#parts;
    const client = new AdminClient(transport, runtime);
    const stop = client.watch(
      { appId, kinds: [...names.keys()] },
      {
        onOpen: () => teller.tell(["onChannelJoined", channelID]),
        onEvent: (event) => {
          const name = names.get(event.kind);
          if (name === undefined) teller.log(`Events of "${channelID}" are missing and will not come.`);
          else teller.tell(["onMessageChannelReceive", channelID, event.userId, 0, messageOf(name, event)]);
        },
        onRefused: (error) => {
          this.#joined.delete(channelID);
          client.close();
          teller.tell(["onChannelJoinFailed", channelID, codeOf("SIGNALING_JOIN", error)]);
        },
      },
    );
    return () => {
      stop();
      client.close();
    };
  }
}

/** The form is this project's own: the old system's is not documented. */
function messageOf(event: string, { userId, channel, serverTimeMs }: WatchEventsResponse): string {
  const where = channel === "" ? {} : { channel };
  return JSON.stringify({ event, account: userId, ...where, ts: serverTimeMs });
}
