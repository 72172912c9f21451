import { type ChildProcess, fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { adopt, stop } from "../support/child.js";
import { Histogram } from "./histogram.js";
import type { SinkCommands, SinkReply, SinkReport, SinkRequest } from "./protocol.js";

const program = fileURLToPath(new URL("./sink-process.ts", import.meta.url));
/** One processor is left for the server. */
const processes = Math.min(4, Math.max(1, availableParallelism() - 1));
const commandMs = 120_000;

type Argument<Name extends keyof SinkCommands> = Parameters<SinkCommands[Name]>[0];
type Value<Name extends keyof SinkCommands> = Awaited<ReturnType<SinkCommands[Name]>>;

/** All members that listen, in processes of their own. */
export class Sinks {
  private constructor(private readonly parts: readonly SinkProcess[]) {}

  static start(): Sinks {
    return new Sinks(Array.from({ length: processes }, () => new SinkProcess()));
  }

  /** Messages for which members that read can account so far: they came, or are told to be lost. Some milliseconds old. */
  get accounted(): number {
    return this.parts.reduce((sum, part) => sum + part.accounted, 0);
  }

  /** Shares members out among the processes. */
  async connect(request: Argument<"connect">): Promise<void> {
    const shares = this.parts.map((_, i) => Math.floor((request.count + i) / this.parts.length));
    let { first } = request;
    await Promise.all(
      this.parts.map((part, i) => {
        const count = shares[i] ?? 0;
        const done = part.call("connect", { ...request, first, count });
        first += count;
        return done;
      }),
    );
  }

  /** Tells all processes the same. */
  async all<Name extends Exclude<keyof SinkCommands, "connect">>(
    name: Name,
    argument?: Argument<Name>,
  ): Promise<Value<Name>[]> {
    return Promise.all(this.parts.map((part) => part.call(name, argument)));
  }

  /** What all have measured since the last reset. */
  async collect(): Promise<Omit<SinkReport, "latencies"> & { readonly latencies: Histogram }> {
    const reports = await this.all("collect");
    const latencies = new Histogram();
    for (const report of reports) latencies.add(new Histogram(report.latencies));
    const sum = (figure: (report: SinkReport) => number) => reports.reduce((total, report) => total + figure(report), 0);
    return {
      latencies,
      deliveries: sum((report) => report.deliveries),
      batches: sum((report) => report.batches),
      bytes: sum((report) => report.bytes),
      lastMicros: Math.max(...reports.map((report) => report.lastMicros)),
      received: sum((report) => report.received),
      duplicated: sum((report) => report.duplicated),
      reordered: sum((report) => report.reordered),
      toldLost: sum((report) => report.toldLost),
      members: sum((report) => report.members),
      problems: reports.flatMap((report) => report.problems),
    };
  }

  async stop(): Promise<void> {
    await Promise.all(this.parts.map((part) => part.stop()));
  }
}

class SinkProcess {
  accounted = 0;
  private readonly child: ChildProcess = fork(program, { execArgv: ["--import", "tsx"], serialization: "advanced" });
  private readonly waiting = new Map<number, { resolve(value: unknown): void; reject(failure: Error): void }>();
  private lastId = 0;

  constructor() {
    adopt(this.child);
    this.child.on("message", (reply: SinkReply) => this.onReply(reply));
    this.child.on("exit", (code) => {
      for (const { reject } of this.waiting.values()) reject(new Error(`a process of sinks ended with code ${code}`));
    });
  }

  call<Name extends keyof SinkCommands>(name: Name, argument: Argument<Name> | undefined): Promise<Value<Name>> {
    this.lastId += 1;
    const request: SinkRequest = { id: this.lastId, name, argument };
    this.child.send(request);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${name} takes longer than ${commandMs} ms`)), commandMs);
      const settle = () => {
        clearTimeout(timer);
        this.waiting.delete(request.id);
      };
      this.waiting.set(request.id, {
        resolve(value) {
          settle();
          resolve(value as Value<Name>);
        },
        reject(failure) {
          settle();
          reject(failure);
        },
      });
    });
  }

  stop(): Promise<void> {
    return stop(this.child);
  }

  private onReply(reply: SinkReply): void {
    if ("accounted" in reply) this.accounted = reply.accounted;
    else if (reply.failure === undefined) this.waiting.get(reply.id)?.resolve(reply.value);
    else this.waiting.get(reply.id)?.reject(new Error(reply.failure));
  }
}
