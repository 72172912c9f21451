import { keyText, type UserKey } from "./keys.js";

/** A subscription that can be ended. */
export interface Subscription {
  /** No message is heard once this has been called. */
  end(): Promise<void>;
}

/**
 * Messages to all nodes that listen to a topic. At most once: a message to a topic without a subscriber, or during a fault of the
 * bus, is lost; subscribers are told of the fault, and read again what they need. Messages of one publisher to one topic arrive in
 * the order published.
 */
export interface Bus {
  /** Resolves when the bus has the message, which says nothing about subscribers. */
  publish(topic: string, message: Uint8Array): Promise<void>;
  /**
   * Resolves when every later message will be heard. The listener must not throw, and must not change the bytes; what it throws
   * all the same becomes an uncaught error, and the other listeners hear the message. `interrupted` is called when messages may
   * have been lost and all later ones will be heard again.
   */
  subscribe(topic: string, listener: (message: Uint8Array) => void, interrupted?: () => void): Promise<Subscription>;
}

/** The topic on which all nodes hear of logins, logouts, joins and leaves. */
export const happeningsTopic = "happenings";

/** The topic on which those who watch a user hear of it. */
export function userTopic({ appId, userId }: UserKey): string {
  return `user/${keyText(appId, userId)}`;
}
