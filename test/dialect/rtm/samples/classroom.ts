// A classroom in the style of the Web SDK's tutorials: handlers with the types of events, attributes, and errors by their codes.
import { type ChannelAttributes, createInstance, type RtmChannel, type RtmClient, type RtmEvents } from "aldis/rtm";

export class Classroom {
  readonly members = new Set<string>();
  readonly lines: string[] = [];
  readonly #client: RtmClient;
  #channel?: RtmChannel;
  memberCount = 0;
  attributes: ChannelAttributes = {};

  constructor(appId: string) {
    this.#client = createInstance(appId);
  }

  async enter(uid: string, token: string, room: string): Promise<void> {
    await this.#client.login({ uid, token });
    await this.#client.setLocalUserAttributes({ name: uid.toUpperCase() });
    this.#client.on("MessageFromPeer", this.onPrivate);
    const channel = this.#client.createChannel(room);
    this.#channel = channel;
    await channel.join();
    channel.on("MemberJoined", (memberId) => {
      this.members.add(memberId);
    });
    channel.on("MemberLeft", (memberId) => {
      this.members.delete(memberId);
    });
    channel.on("MemberCountUpdated", (count) => {
      this.memberCount = count;
    });
    channel.on("AttributesUpdated", (attributes) => {
      this.attributes = attributes;
    });
    channel.on("ChannelMessage", this.onLine);
    for (const memberId of await channel.getMembers()) this.members.add(memberId);
  }

  onLine: RtmEvents.RtmChannelEvents["ChannelMessage"] = (message, memberId, messageProps) => {
    if (message.messageType === "TEXT" && messageProps.serverReceivedTs > 0) this.lines.push(`${memberId}: ${message.text}`);
  };

  onPrivate: RtmEvents.RtmClientEvents["MessageFromPeer"] = (message, peerId, messageProps) => {
    this.lines.push(`${peerId} privately: ${message.text}${messageProps.isOfflineMessage ? " (before)" : ""}`);
  };

  async say(text: string): Promise<string> {
    try {
      await this.#channel?.sendMessage({ text });
      return "said";
    } catch (error) {
      return `not said: ${(error as { code: number }).code}`;
    }
  }

  async lesson(topic: string): Promise<void> {
    const options = { enableNotificationToChannelMembers: true };
    await this.#client.addOrUpdateChannelAttributes(this.#channel?.channelId ?? "", { topic }, options);
  }

  async nameOf(uid: string): Promise<string | undefined> {
    const { name } = await this.#client.getUserAttributesByKeys(uid, ["name"]);
    return name;
  }

  async whisper(text: string, uid: string): Promise<boolean> {
    return (await this.#client.sendMessageToPeer({ text }, uid, { enableOfflineMessaging: true })).hasPeerReceived;
  }

  async leave(): Promise<void> {
    await this.#channel?.leave();
    await this.#client.logout();
  }
}
