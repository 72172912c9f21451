// A chat in the style of the Web SDK's tutorials: a wrapper that passes all events on. Only the import differs from the original.
import { EventEmitter } from "node:events";
import AgoraRTM, { type RtmChannel, type RtmClient, type RtmEvents, type RtmMessage, type RtmTextMessage } from "aldis/rtm";

interface JoinedChannel {
  channel: RtmChannel;
  joined: boolean;
}

export class ChatClient extends EventEmitter {
  channels: { [name: string]: JoinedChannel } = {};
  client: RtmClient;
  accountName = "";
  #logined = false;

  constructor(appId: string) {
    super();
    this.client = AgoraRTM.createInstance(appId, { logFilter: AgoraRTM.LOG_FILTER_OFF });
    this.subscribeClientEvents();
  }

  subscribeClientEvents(): void {
    const clientEvents: Array<keyof RtmEvents.RtmClientEvents> = ["ConnectionStateChanged", "MessageFromPeer"];
    for (const eventName of clientEvents) {
      this.client.on(eventName, (...args) => {
        this.emit(eventName, ...args);
      });
    }
  }

  subscribeChannelEvents(channelName: string): void {
    const channelEvents: Array<keyof RtmEvents.RtmChannelEvents> = ["ChannelMessage", "MemberJoined", "MemberLeft"];
    for (const eventName of channelEvents) {
      this.channels[channelName]?.channel.on(eventName, (...args) => {
        this.emit(eventName, { channelName, args });
      });
    }
  }

  async login(accountName: string, token: string): Promise<void> {
    this.accountName = accountName;
    await this.client.login({ uid: this.accountName, token });
    this.#logined = true;
  }

  async logout(): Promise<void> {
    if (!this.#logined) return;
    await this.client.logout();
    this.#logined = false;
  }

  async joinChannel(name: string): Promise<void> {
    const channel = this.client.createChannel(name);
    this.channels[name] = { channel, joined: false };
    this.subscribeChannelEvents(name);
    return channel.join().then(() => {
      this.channels[name] = { channel, joined: true };
    });
  }

  async leaveChannel(name: string): Promise<void> {
    const known = this.channels[name];
    if (known === undefined || !known.joined) return;
    await known.channel.leave();
    known.joined = false;
  }

  async sendChannelMessage(text: string, name: string): Promise<void> {
    const known = this.channels[name];
    if (known === undefined || !known.joined) return;
    const message: RtmTextMessage = this.client.createMessage<RtmTextMessage>({ text, messageType: "TEXT" });
    return known.channel.sendMessage(message);
  }

  async sendPeerMessage(text: string, peerId: string): Promise<boolean> {
    const message: RtmMessage = { text };
    const { hasPeerReceived } = await this.client.sendMessageToPeer(message, peerId);
    return hasPeerReceived;
  }
}
