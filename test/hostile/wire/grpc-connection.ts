import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";
import { connect as connectSocket } from "node:net";
import type { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { Hello } from "../../../gen/aldis/v1/session.js";
import { type Call, type CallResult, ConnectRequest, ConnectResponse } from "../../../gen/aldis/v1/stream.js";
import { errorTable, goodbyeTable } from "../../../gen/aldis/v1/tables/errors.js";
import { appId, type Target } from "../target.js";

const connectPath = "/aldis.v1.RealtimeService/Connect";

type Outcome = NonNullable<CallResult["outcome"]>;

/** An HTTP/2 connection that sends well-formed frames, with whatever is in them. */
export class GrpcConnection {
  private readonly session: ClientHttp2Session;
  private left = false;

  constructor(
    private readonly target: Target,
    address = target.nextAddress(),
  ) {
    const options = { port: target.port, host: "127.0.0.1", localAddress: address };
    this.session = connect("http://aldis", { createConnection: () => connectSocket(options) });
    this.session.on("error", () => {});
    this.session.on("close", () => {
      if (!this.left) target.tally.cut += 1;
    });
  }

  get closed(): boolean {
    return this.session.closed || this.session.destroyed;
  }

  /** Begins a stream. Undefined if the connection is over. */
  stream(path = connectPath, headers: Readonly<Record<string, string | string[]>> = {}): GrpcStream | undefined {
    if (this.closed) return undefined;
    const base = { ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers" };
    return new GrpcStream(this.session.request({ ...base, ...headers }), this.target, () => this.left);
  }

  leave(): void {
    this.left = true;
    this.session.destroy();
  }
}

/** One stream. Whatever typed refusal comes is counted. */
export class GrpcStream {
  over = false;
  /** The status of gRPC with which the server has ended it. */
  status: number | undefined;
  private received = Buffer.alloc(0);
  private waiting: (() => void)[] = [];
  private calls = 0;
  private told = false;
  private readonly controls: NonNullable<ConnectResponse["control"]>[] = [];
  /** What calls have come to, by their ids. */
  private readonly outcomes = new Map<number, Outcome>();

  constructor(
    private readonly stream: ClientHttp2Stream,
    private readonly target: Target,
    private readonly left: () => boolean,
  ) {
    stream.on("response", (headers) => this.onStatus(headers["grpc-status"]));
    stream.on("trailers", (headers) => this.onStatus(headers["grpc-status"]));
    stream.on("data", (bytes: Buffer) => this.onBytes(bytes));
    stream.on("error", () => {});
    // The server may end its half and wait for ours; for the attacker it is over then.
    for (const event of ["end", "close"]) stream.once(event, () => this.finish());
  }

  /** Writes bytes that need not be a message. */
  write(bytes: Uint8Array): void {
    if (!this.over && this.stream.writable) this.stream.write(bytes);
  }

  /** Writes a message. `flag` is 1 for one that is compressed. */
  send(message: Uint8Array, flag = 0): void {
    const head = Buffer.alloc(5);
    head.writeUInt8(flag, 0);
    head.writeUInt32BE(message.length, 1);
    this.write(Buffer.concat([head, message]));
    this.target.tally.sent += 1;
  }

  sendFrame(frame: NonNullable<ConnectRequest["frame"]>): void {
    this.send(ConnectRequest.encode({ frame }).finish());
  }

  end(): void {
    this.stream.end();
  }

  /** Says hello, and waits for the welcome or the end. True for a welcome. */
  async hello(userId: string, more: Partial<Hello> = {}): Promise<boolean> {
    const token = more.token ?? (await this.target.token(userId));
    this.sendFrame({ $case: "hello", value: Hello.create({ appId, userId, token, ...more }) });
    return (await this.until(() => this.control("welcome"))) !== undefined;
  }

  /** Calls, and waits for the outcome, or undefined if the stream ends before. */
  async ask(request: NonNullable<Call["request"]>): Promise<Outcome | undefined> {
    this.calls += 1;
    const callId = this.calls;
    this.sendFrame({ $case: "call", value: { callId, request } });
    const outcome = await this.until(() => this.outcomes.get(callId));
    if (outcome?.$case === "error") this.target.tally.refused(nameOf(outcome.value.code));
    else if (outcome !== undefined) this.target.tally.served += 1;
    return outcome;
  }

  control<K extends NonNullable<ConnectResponse["control"]>["$case"]>(kind: K) {
    const found = this.controls.find(({ $case }) => $case === kind);
    return found as Extract<ConnectResponse["control"], { $case: K }> | undefined;
  }

  /** Waits until something is there, or the stream is over. */
  async until<T>(look: () => T | undefined): Promise<T | undefined> {
    for (;;) {
      const found = look();
      if (found !== undefined || this.over) return found;
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  /** Waits until the server has ended the stream. */
  async ended(): Promise<void> {
    await this.until(() => (this.over ? true : undefined));
  }

  private onStatus(status: unknown): void {
    if (status === undefined || this.told) return;
    this.told = true;
    this.status = Number(status);
    if (this.status === 0) this.target.tally.served += 1;
    else this.target.tally.refused(`gRPC status ${status}`);
  }

  private onBytes(bytes: Buffer): void {
    this.received = Buffer.concat([this.received, bytes]);
    while (this.received.length >= 5 && this.received.length >= 5 + this.received.readUInt32BE(1)) {
      const length = this.received.readUInt32BE(1);
      this.onResponse(ConnectResponse.decode(this.received.subarray(5, 5 + length)));
      this.received = this.received.subarray(5 + length);
    }
    this.wake();
  }

  private onResponse({ results, control }: ConnectResponse): void {
    for (const { callId, outcome } of results) if (outcome !== undefined) this.outcomes.set(callId, outcome);
    if (control === undefined) return;
    this.controls.push(control);
    if (control.$case !== "goodbye") return;
    this.told = true;
    const { reason, error } = control.value;
    this.target.tally.refused(error === undefined ? goodbyeTable[reason].name : nameOf(error.code));
  }

  private finish(): void {
    if (this.over) return;
    this.over = true;
    if (!this.told && !this.left()) this.target.tally.cut += 1;
    this.wake();
  }

  private wake(): void {
    for (const task of this.waiting.splice(0)) task();
  }
}

const nameOf = (code: ErrorCode): string => errorTable[code].name;

/** A user who has logged in. Undefined if that was refused. */
export async function logIn(target: Target, userId = target.nextUser(), more: Partial<Hello> = {}) {
  const connection = new GrpcConnection(target);
  const stream = connection.stream();
  if (stream !== undefined && (await stream.hello(userId, more))) return { connection, stream, userId };
  connection.leave();
  return undefined;
}
