import type { LocalInvitationFailureReason, RemoteInvitationFailureReason } from "./status-code.js";

/** What a `LocalInvitation` tells its caller. */
export interface LocalInvitationEvents {
  LocalInvitationReceivedByPeer(): void;
  LocalInvitationAccepted(response: string): void;
  LocalInvitationRefused(response: string): void;
  LocalInvitationCanceled(): void;
  LocalInvitationFailure(reason: LocalInvitationFailureReason): void;
}

/** What a `RemoteInvitation` tells its callee. */
export interface RemoteInvitationEvents {
  /** The caller knows of the acceptance. */
  RemoteInvitationAccepted(): void;
  RemoteInvitationRefused(): void;
  RemoteInvitationCanceled(content: string): void;
  RemoteInvitationFailure(reason: RemoteInvitationFailureReason): void;
}
