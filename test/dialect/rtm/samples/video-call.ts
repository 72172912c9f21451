// A one-to-one call in the style of the Web SDK's tutorials: invitations as objects, types from its namespaces.
import AgoraRTM, { type LocalInvitation, type RemoteInvitation, type RtmClient, RtmStatusCode } from "aldis/rtm";

export interface CallContent {
  Mode: number;
  ChanId: string;
}

export class CallCenter {
  status: "offline" | "online" | "calling" | "meeting" = "offline";
  localInvitation: LocalInvitation | null = null;
  remoteInvitation: RemoteInvitation | null = null;
  readonly diary: string[] = [];
  readonly client: RtmClient;

  constructor(appId: string) {
    this.client = AgoraRTM.createInstance(appId);
    this.client.on("ConnectionStateChanged", this.onConnectionStateChanged);
    this.client.on("RemoteInvitationReceived", (remoteInvitation) => this.onCall(remoteInvitation));
  }

  onConnectionStateChanged = (newState: RtmStatusCode.ConnectionState, reason: RtmStatusCode.ConnectionChangeReason): void => {
    this.status = newState === "CONNECTED" ? "online" : "offline";
    if (newState === RtmStatusCode.ConnectionState.ABORTED && reason === "REMOTE_LOGIN") this.diary.push("kicked");
  };

  async call(peerId: string, content: CallContent): Promise<void> {
    const online = await this.client.queryPeersOnlineStatus([peerId]);
    if (!online[peerId]) {
      this.diary.push(`${peerId} is not online`);
      return;
    }
    this.localInvitation?.removeAllListeners();
    const invitation = this.client.createLocalInvitation(peerId);
    this.localInvitation = invitation;
    invitation.channelId = content.ChanId;
    invitation.content = JSON.stringify(content);
    invitation.on("LocalInvitationReceivedByPeer", () => {
      this.status = "calling";
    });
    invitation.on("LocalInvitationAccepted", (response: string) => this.onAnswer("meeting", response));
    invitation.on("LocalInvitationRefused", (response: string) => this.onAnswer("online", response));
    invitation.on("LocalInvitationFailure", (reason: RtmStatusCode.LocalInvitationFailureReason) => {
      this.diary.push(reason === AgoraRTM.LocalInvitationFailureReason.PEER_OFFLINE ? "offline" : `failed: ${reason}`);
    });
    invitation.send();
  }

  onAnswer(status: "meeting" | "online", response: string): void {
    this.status = status;
    this.diary.push(response);
  }

  onCall(remoteInvitation: RemoteInvitation): void {
    if (this.remoteInvitation !== null) {
      remoteInvitation.response = "busy";
      remoteInvitation.refuse();
      return;
    }
    this.remoteInvitation = remoteInvitation;
    remoteInvitation.on("RemoteInvitationAccepted", () => {
      this.status = "meeting";
    });
    remoteInvitation.once("RemoteInvitationCanceled", () => this.diary.push("cancelled"));
    const content: CallContent = JSON.parse(remoteInvitation.content);
    remoteInvitation.response = JSON.stringify({ Mode: content.Mode });
    remoteInvitation.accept();
  }
}
