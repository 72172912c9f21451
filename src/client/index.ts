// The public face of `aldis`: the client over gRPC on Node, or over any other transport.
import { AdminClient } from "./admin/admin-client.js";
import { AldisClient } from "./client.js";
import type { ClientOptions } from "./options.js";
import { type GrpcOptions, GrpcTransport } from "./transport/grpc.js";
import { type AdminOptions, GrpcAdminTransport } from "./transport/grpc-admin.js";
import type { Transport } from "./transport/transport.js";

/** The way to the server: a transport of one's own, or what the gRPC transport needs. */
export type Route = { readonly transport: Transport } | GrpcOptions;

/** Makes a client of the admin service, for operators and back ends. Nothing is opened before the first call. */
export function createAdminClient(options: AdminOptions): AdminClient {
  return new AdminClient(new GrpcAdminTransport(options), options.runtime);
}

/** Makes a client. Nothing is opened before `login`. */
export function createClient(options: ClientOptions & Route): AldisClient {
  const transport = "address" in options ? new GrpcTransport(options) : options.transport;
  return new AldisClient({ ...options, transport });
}

export { type WatchEventsResponse, WatchedEventKind } from "../../gen/aldis/v1/admin_service.js";
export { AttributeChangeKind, AttributeNotice } from "../../gen/aldis/v1/attribute.js";
export { LeaveReason, MemberOrder, MembershipState, Recovery } from "../../gen/aldis/v1/channel.js";
export { ConnectionReason, ConnectionState } from "../../gen/aldis/v1/connection.js";
export { ErrorCode } from "../../gen/aldis/v1/error.js";
export { CalleeState, CallerState, InvitationEndReason } from "../../gen/aldis/v1/invitation.js";
export { DeliveryOutcome, SendConfirmation } from "../../gen/aldis/v1/message.js";
export { PresenceState } from "../../gen/aldis/v1/presence.js";
export { AdminClient, type AdminWatchListener } from "./admin/admin-client.js";
export type { AppServer } from "./app-server/app-server.js";
export type { ChannelAttributes } from "./attribute/channel-attributes.js";
export type { UserAttributes } from "./attribute/user-attributes.js";
export type { AttributeValues, ChannelWriteOptions, ReadOptions, WriteOptions } from "./attribute/write-options.js";
export type {
  Channel,
  HistoryOptions,
  HistoryPage,
  JoinResult,
  MemberListOptions,
  SendToChannelOptions,
} from "./channel/channel.js";
export type { ChannelEvents, ReceivedChannelMessage } from "./channel/events.js";
export type { JoinOptions } from "./channel/member.js";
export { AldisClient, type SendToPeerOptions } from "./client.js";
export type { Listener } from "./emitter.js";
export { AldisError } from "./error.js";
export type { ClientEvents, ReceivedPeerMessage } from "./events.js";
export type { InvitationEnd, InvitationEvents, InvitationOutcome } from "./invitation/events.js";
export type { IncomingInvitation } from "./invitation/incoming-invitation.js";
export type { Invitations } from "./invitation/invitations.js";
export type { InviteOptions, OutgoingInvitation } from "./invitation/outgoing-invitation.js";
export type { AnyInvitation } from "./invitation/switchboard.js";
export type { UserInvitation } from "./invitation/user-invitation.js";
export type { Logger } from "./logger.js";
export type { CallOptions, ClientOptions, LoginOptions, TokenSource } from "./options.js";
export type { PayloadInput, ReceivedPayload } from "./payload.js";
export type { PresenceSubscriptions } from "./presence/presence-subscriptions.js";
export type { Clock, Runtime, Timer } from "./runtime.js";
export { type GrpcOptions, type GrpcTls, GrpcTransport } from "./transport/grpc.js";
export type { AdminOptions } from "./transport/grpc-admin.js";
export type { Link, LinkListener, LinkProblem, Transport } from "./transport/transport.js";
