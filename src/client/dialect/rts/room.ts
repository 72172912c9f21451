import { ErrorCode as NativeErrorCode } from "../../../../gen/aldis/v1/error.js";
import { dialectCode } from "../../../../gen/aldis/v1/tables/dialects.js";
import type { Runtime } from "../../runtime.js";
import type { CallbackQueue } from "../shared/callback-queue.js";
import type { RTSRoomDelegate } from "./delegate.js";
import { RoomMessageSendResult } from "./enums/results.js";
import type { ErrorCode, WarningCode } from "./enums/rooms.js";
import { sendAndTell } from "./sending.js";
import type { Session } from "./session.js";
import { Stay } from "./stay.js";

/** What a room needs of its engine. */
export interface RoomEngine {
  readonly runtime: Runtime;
  readonly queue: CallbackQueue;
  /** The login, if there is one. */
  session(): Session | undefined;
  businessId(): string;
  /** The room is destroyed, and its id is free. */
  forget(roomId: string): void;
}

const notLoggedIn = dialectCode("RTS_ROOM", "ErrorCode", NativeErrorCode.NOT_LOGGED_IN) as ErrorCode;

/** A room of an engine: made by `RTS.createRoom`. Its users are those who have joined a room with the same id. */
export class RTSRoom {
  readonly #engine: RoomEngine;
  readonly #roomId: string;
  #delegate: RTSRoomDelegate | null = null;
  #stay: Stay | undefined;
  #destroyed = false;
  #lastId = 0;

  /** @internal */
  constructor(engine: RoomEngine, roomId: string) {
    this.#engine = engine;
    this.#roomId = roomId;
  }

  /** Leaves the room and frees its id. No callback follows, and every method then fails. */
  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#stay?.leave();
    this.#engine.forget(this.#roomId);
  }

  /** Replaces what is told of the room. Null for nothing. */
  setRTSRoomDelegate(delegate: RTSRoomDelegate | null): void {
    this.#delegate = delegate;
  }

  /**
   * Joins the room as the user who is logged in; `onRoomStateChanged` tells the result. Returns 0, -2 from a call until the room
   * is left or the join has failed, or -3 if the room is destroyed.
   */
  joinRoom(): number {
    if (this.#destroyed) return -3;
    if (this.#stay !== undefined) return -2;
    const session = this.#engine.session();
    if (session === undefined) this.#engine.queue.tell(() => this.#tellState("", notLoggedIn, ""));
    else this.#stay = this.#enter(session);
    return 0;
  }

  /** Leaves the room; `onLeaveRoom` tells when it is done. Returns 0, or -3 if the room is not joined. */
  leaveRoom(): number {
    return this.#stay?.leave() ? 0 : -3;
  }

  /** Sends a text to all other users in the room. Returns the id of the message, from 1, or -1 if the room is destroyed. */
  sendRoomMessage(message: string): number {
    return this.#send(message);
  }

  /** Sends bytes to all other users in the room. Returns the id of the message, or -1 if the room is destroyed. */
  sendRoomBinaryMessage(message: Uint8Array): number {
    return this.#send(message);
  }

  /** @internal True from `joinRoom` until the room is left, or the join has failed. */
  get inUse(): boolean {
    return this.#stay !== undefined;
  }

  /** @internal The user logs out. */
  abandon(): void {
    this.#stay?.abandon();
  }

  #send(message: string | Uint8Array): number {
    if (this.#destroyed) return -1;
    this.#lastId += 1;
    const id = this.#lastId;
    sendAndTell(this.#engine.queue, {
      table: "RTS_ROOM_MESSAGE",
      session: this.#engine.session(),
      problem: this.#stay === undefined ? RoomMessageSendResult.NotJoin : undefined,
      send: ({ client }, onSettled) => client.channel(this.#roomId).send(message, { onSettled }),
      onResult: (result) => this.#listener?.onRoomMessageSendResult?.(id, result as RoomMessageSendResult),
    });
    return id;
  }

  #enter(session: Session): Stay {
    const { runtime, queue, businessId } = this.#engine;
    const options = { session, roomId: this.#roomId, businessId: businessId(), runtime, queue };
    return new Stay(options, {
      onState: (state, extraInfo) => this.#tellState(session.uid, state, extraInfo),
      onUserJoined: (uid) => this.#listener?.onUserJoined?.(uid, 0),
      onUserLeave: (uid, reason) => this.#listener?.onUserLeave?.(uid, reason),
      onMessage: (uid, message) => {
        if (typeof message === "string") this.#listener?.onRoomMessageReceived?.(uid, message);
        else this.#listener?.onRoomBinaryMessageReceived?.(uid, message);
      },
      onLeft: () => this.#listener?.onLeaveRoom?.(),
      onEnd: () => {
        this.#stay = undefined;
      },
    });
  }

  #tellState(uid: string, state: 0 | ErrorCode | WarningCode, extraInfo: string): void {
    this.#listener?.onRoomStateChanged?.(this.#roomId, uid, state, extraInfo);
  }

  /** The delegate, while there may be callbacks. */
  get #listener(): RTSRoomDelegate | null {
    return this.#destroyed ? null : this.#delegate;
  }
}
