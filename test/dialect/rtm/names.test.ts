import { readFile } from "node:fs/promises";
import AgoraRTM, * as rtm from "aldis/rtm";
import { describe, expect, it } from "vitest";

describe("the names of aldis/rtm", () => {
  it("R-D01 R-D02 R-D03 R-D04 lack those that the system itself has removed", () => {
    const removed = /SendMessageErrorCode|SendPeerMessageState|SendChannelMessageState|ReceivedByServer/;
    const names = [...Object.keys(rtm), ...Object.keys(AgoraRTM), ...Object.keys(rtm.RtmErrorCode)];

    expect(names.filter((name) => removed.test(name))).toEqual([]);
  });

  it("R-D01 R-D02 R-D03 R-D04 are told in the guide, with what to use instead", async () => {
    const guide = await readFile("src/client/dialect/rtm/README.md", "utf8");

    for (const name of ["SendMessageErrorCode", "SendPeerMessageState", "SendChannelMessageState"]) {
      expect(guide).toContain(name);
    }
  });

  it("R-T01 R-T02 R-T03 R-T04 R-T05 are classes, named and in the default export's company", () => {
    const { RtmClient, RtmChannel, RtmCallManager, LocalInvitation, RemoteInvitation, EventEmitter } = rtm;

    for (const known of [RtmClient, RtmChannel, RtmCallManager, LocalInvitation, RemoteInvitation]) {
      expect(known.prototype).toBeInstanceOf(EventEmitter);
    }
  });

  it("has what the default export of the Web SDK has", () => {
    expect(Object.keys(AgoraRTM).sort()).toEqual(
      [
        "AreaCode",
        "BUILD",
        "ConnectionChangeReason",
        "ConnectionState",
        "END_CALL_PREFIX",
        "LOG_FILTER_ERROR",
        "LOG_FILTER_INFO",
        "LOG_FILTER_OFF",
        "LOG_FILTER_WARNING",
        "LocalInvitationFailureReason",
        "LocalInvitationState",
        "MessageType",
        "PeerOnlineState",
        "PeerSubscriptionOption",
        "RemoteInvitationFailureReason",
        "RemoteInvitationState",
        "VERSION",
        "configure",
        "createInstance",
        "setArea",
      ].sort(),
    );
  });
});
