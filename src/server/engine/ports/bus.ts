import { Happening, UserNotice } from "../../../../gen/aldis/node/v1/node.js";
import { keyText, type UserKey } from "./keys.js";
import { kindOf, type Topic } from "./topic.js";

/** A subscription that can be ended. */
export interface Subscription {
  /** No message is heard once this has been called. */
  end(): Promise<void>;
}

/**
 * Messages to all nodes that listen to a topic. At most once: a message to a topic without a subscriber, or during a fault of the
 * bus, is lost; subscribers are told of the fault, and read again what they need. Messages of one publisher to one topic arrive in
 * the order published. Nobody may change a message, which those within one process share.
 */
export interface Bus {
  /** Resolves when the bus has the message, which says nothing about subscribers. */
  publish<Message>(topic: Topic<Message>, message: Message): Promise<void>;
  /**
   * Resolves when every later message will be heard. The listener must not throw; what it throws all the same becomes an uncaught
   * error, and the other listeners hear the message. `interrupted` is called when messages may have been lost and all later ones will
   * be heard again.
   */
  subscribe<Message>(
    topic: Topic<Message>,
    listener: (message: Message) => void,
    interrupted?: () => void,
  ): Promise<Subscription>;
}

/** The topic on which all nodes hear of logins, logouts, joins and leaves. */
export const happeningsTopic: Topic<Happening> = { name: "happenings", kind: kindOf(Happening) };

const userKind = kindOf(UserNotice);

/** The topic on which those who watch a user hear of it. */
export function userTopic({ appId, userId }: UserKey): Topic<UserNotice> {
  return { name: `user/${keyText(appId, userId)}`, kind: userKind };
}
