import { JoinChannelRequest } from "../../gen/aldis/v1/channel.js";
import { GoodbyeReason } from "../../gen/aldis/v1/connection.js";
import { ChannelMessage } from "../../gen/aldis/v1/history.js";
import { Limit } from "../../gen/aldis/v1/limit.js";
import { Hello } from "../../gen/aldis/v1/session.js";
import { type Call, CallResult, ConnectRequest, ConnectResponse, Event } from "../../gen/aldis/v1/stream.js";
import { errorTable } from "../../gen/aldis/v1/tables/errors.js";
import { defaultLimits } from "../../gen/aldis/v1/tables/limits.js";
import { ackShare } from "../../src/client/connection/acknowledger.js";
import { GrpcLink } from "./grpc-link.js";
import { eachField } from "./protobuf.js";
import { type Member, type SessionState, tickMs, type Wire, type WireHost } from "./wire.js";

const eventsField = 1;
const resultsField = 2;
/** What an event begins with that is a message to a channel. */
const messageTag = Event.encode({ event: { $case: "channelMessage", value: ChannelMessage.create() } }).finish()[0];
const heartbeatTicks = Math.floor(defaultLimits.heartbeatIntervalMs / tickMs);

/** A client of Aldis: it says hello, joins, counts, and acknowledges as the protocol asks. */
export class AldisWire implements Wire {
  readonly session: SessionState;
  private readonly link: GrpcLink;
  private readonly openCalls = new Set<number>();
  private acknowledged = { events: 0, results: 0 };
  private silentTicks = 0;
  /** The ticks since something came that is not acknowledged. */
  private owingTicks = 0;
  /** The events, and the time, after which the server wants to hear of them. */
  private ackEvents = defaultLimits.ackEvents;
  private ackIntervalMs = defaultLimits.ackIntervalMs;
  /** The share of these at which it acknowledges next, as clients choose it. */
  private share = ackShare(Math.random());
  private leaving = false;

  constructor(
    private readonly member: Member,
    private readonly host: WireHost,
  ) {
    this.session = { ...(member.session ?? { id: "", resumeToken: "", events: 0, results: 0, calls: 0 }) };
    this.link = new GrpcLink("/aldis.v1.RealtimeService/Connect", (bytes) => host.write(bytes), {
      opened: () => {},
      message: (bytes) => this.onMessage(bytes),
      failed: (reason) => {
        if (!this.leaving) host.failed(reason);
      },
    });
  }

  open(): void {
    this.link.open();
    const { id, resumeToken, events, results } = this.session;
    const resume = id === "" ? undefined : { sessionId: id, resumeToken, eventsReceived: events, resultsReceived: results };
    this.send({
      $case: "hello",
      value: Hello.create({ appId: "dev", userId: this.member.userId, token: this.member.token, clientName: "bench", resume }),
    });
  }

  receive(chunk: Buffer): void {
    this.link.receive(chunk);
  }

  publish(channel: string, text: string): void {
    const payload = { content: { $case: "text" as const, value: text }, description: "" };
    this.call({ $case: "sendChannelMessage", value: { channel, payload, clientMessageId: "", fromOutside: false } });
  }

  join(channel: string): void {
    this.openCalls.add(this.call({ $case: "joinChannel", value: JoinChannelRequest.create({ channel }) }));
  }

  leave(): void {
    this.leaving = true;
    this.call({ $case: "logout", value: {} });
  }

  tick(): void {
    this.silentTicks += 1;
    if (this.owed > 0) this.owingTicks += 1;
    if (this.owingTicks * tickMs >= this.share * this.ackIntervalMs) this.acknowledge();
    else if (this.silentTicks >= heartbeatTicks) this.send({ $case: "ping", value: { nonce: 0 } });
  }

  private call(request: NonNullable<Call["request"]>): number {
    this.session.calls += 1;
    this.send({ $case: "call", value: { callId: this.session.calls, request } });
    return this.session.calls;
  }

  private send(frame: NonNullable<ConnectRequest["frame"]>): void {
    this.silentTicks = 0;
    this.link.send(ConnectRequest.encode({ frame }).finish());
  }

  /** The events and results that are not acknowledged. */
  private get owed(): number {
    const { events, results } = this.session;
    return events + results - this.acknowledged.events - this.acknowledged.results;
  }

  private acknowledge(): void {
    const { events, results } = this.session;
    this.acknowledged = { events, results };
    this.owingTicks = 0;
    this.share = ackShare(Math.random());
    this.send({ $case: "ack", value: { events, results } });
  }

  private onMessage(bytes: Buffer): void {
    let batch = false;
    eachField(bytes, (field, start, end) => {
      if (field === eventsField) {
        batch = true;
        this.session.events += 1;
        if (bytes[start] === messageTag) this.host.delivery(bytes, start, end);
        else this.onEvent(Event.decode(bytes.subarray(start, end)).event);
      } else if (field === resultsField) {
        this.session.results += 1;
        this.onResult(CallResult.decode(bytes.subarray(start, end)));
      } else {
        this.onControl(ConnectResponse.decode(bytes).control);
      }
    });
    if (batch) this.host.batch();
    if (this.owed >= this.share * this.ackEvents) this.acknowledge();
  }

  private onEvent(event: Event["event"]): void {
    if (event?.$case !== "channelGap" || event.value.gap === undefined) return;
    const { firstOffset, lastOffset } = event.value.gap;
    this.host.missed(lastOffset - firstOffset + 1);
  }

  private onResult({ callId, outcome }: CallResult): void {
    if (outcome?.$case === "error") this.host.failed(`a call failed: ${errorTable[outcome.value.code].name}`);
    if (this.openCalls.delete(callId) && this.openCalls.size === 0) this.host.ready();
  }

  private onControl(control: ConnectResponse["control"]): void {
    if (control?.$case === "goodbye") {
      if (control.value.reason === GoodbyeReason.LOGOUT) this.host.ready();
      else this.host.failed(`goodbye for reason ${control.value.reason} ${control.value.error?.message ?? ""}`);
    }
    if (control?.$case !== "welcome") return;
    const resumes = this.session.id !== "";
    if (resumes && control.value.sessionId !== this.session.id) return this.host.failed("the session was lost");
    const told = new Map(control.value.limits.map(({ limit, value }) => [limit, value]));
    this.ackEvents = told.get(Limit.ACK_EVENTS) ?? this.ackEvents;
    this.ackIntervalMs = told.get(Limit.ACK_INTERVAL_MS) ?? this.ackIntervalMs;
    this.session.id = control.value.sessionId;
    this.session.resumeToken = control.value.resumeToken;
    if (resumes || this.member.channels.length === 0) this.host.ready();
    else for (const channel of this.member.channels) this.join(channel);
  }
}
