import { cpuMicros, rssBytes } from "../support/child.js";
import { round } from "../support/statistics.js";
import type { RunningServer, StartOptions, System } from "../systems/system.js";
import { tokenIssuer } from "../systems/token.js";
import { nowMicros, sleep } from "./clock.js";
import { channelName, type SinkReport } from "./protocol.js";
import { type Load, Publisher } from "./publisher.js";
import { Sinks } from "./sinks.js";

/** The publisher waits while so many deliveries, so many messages, or those of so many seconds are on their way, whichever is most. */
const mostOnTheWay = { deliveries: 50_000, messages: 20, seconds: 0.25 };
/** When nothing has come for so long, what is missing is lost. */
const patienceMs = 10_000;
const pollMs = 20;

/** What must not happen to messages. A measurement in which it happens does not count. */
export interface Losses {
  /** Messages that did not come, without a word. */
  readonly lost: number;
  /** Messages that did not come, of which the server has told the member. */
  readonly toldLost: number;
  readonly duplicated: number;
  readonly reordered: number;
}

/** Whether nothing was lost, nothing came twice, and everything came in order. */
export function isSound(losses: Losses): boolean {
  return losses.toldLost === 0 && isHonest(losses);
}

/** Whether nothing was lost without a word, nothing came twice, and everything came in order. */
export function isHonest({ lost, duplicated, reordered }: Losses): boolean {
  return lost === 0 && duplicated === 0 && reordered === 0;
}

/** What one measurement gave. Times in milliseconds unless the name says another unit. */
export interface Measured extends Losses {
  readonly offeredPerSecond: number;
  readonly deliveriesPerSecond: number;
  readonly cpuMicrosPerDelivery: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  /** Deliveries in what the server writes at once. */
  readonly batch: number;
  readonly bytesPerDelivery: number;
  /** The most memory of the server while it was measured. */
  readonly rssMiB: number;
  readonly deliveries: number;
}

/** One system with members that listen, and a publisher that sends to all their channels. */
export class Rig {
  private readonly sinks = Sinks.start();
  private publisher: Publisher | undefined;
  /** The members whose losses count. */
  private members = 0;
  /** `toldLost` up to the last measurement. */
  private toldBefore = 0;

  private constructor(
    private readonly system: System,
    private readonly server: RunningServer,
  ) {}

  /** Starts a system, which nobody uses yet. */
  static async start(system: System, options: StartOptions = {}): Promise<Rig> {
    return new Rig(system, await system.start(options));
  }

  /** Connects more members, spread over so many channels. 0: they join none. */
  async connect(count: number, channels: number): Promise<void> {
    const { secret } = this.server;
    const servers = this.nodes.map(({ address }) => address);
    await this.sinks.connect({ wire: this.system.wire, servers, secret, first: this.members, count, channels });
    this.members += count;
  }

  /** Connects a sender, who is in all channels over which members are spread. */
  async connectPublisher(channels: number): Promise<void> {
    const names = Array.from({ length: channels }, (_, channel) => channelName(channels, channel));
    const userId = "publisher";
    const member = { userId, token: await tokenIssuer(this.server)(userId), channels: names, sends: true };
    this.publisher = await Publisher.connect(this.system.wire, this.server.address, member);
  }

  /** Connects members who are all in one channel, and their sender. */
  async fill(members: number): Promise<void> {
    await this.connect(members, 1);
    await this.connectPublisher(1);
  }

  /** Lets the members with the numbers from `first` on join one channel more. */
  async join(channels: number, first = 0): Promise<void> {
    await this.sinks.all("join", { first, channels });
  }

  /** Lets one in so many members read nothing more. What they miss does not count. */
  async stall(oneIn: number): Promise<void> {
    await this.sinks.all("stall", oneIn);
    this.members = (await this.sinks.collect()).members;
  }

  /** Cuts the connections of all members without a word. */
  async cut(): Promise<void> {
    await this.sinks.all("cut");
  }

  /** Connects all members again, at once. */
  async reconnect(): Promise<void> {
    await this.sinks.all("reconnect");
  }

  /** Lets all members log out. */
  async leave(): Promise<void> {
    await this.sinks.all("leave");
    this.members = 0;
  }

  private get nodes(): readonly RunningServer[] {
    return [this.server, ...(this.server.others ?? [])];
  }

  /** The CPU time of the server, all nodes together, so far, in microseconds. */
  private get cpuMicros(): number {
    return this.nodes.reduce((sum, { pid }) => sum + cpuMicros(pid), 0);
  }

  /** The memory of the server, all nodes together, in RAM, in bytes. */
  get rssBytes(): number {
    return this.nodes.reduce((sum, { pid }) => sum + rssBytes(pid), 0);
  }

  /** Puts a load on the server, waits until all has come, and says what it cost and how long it took. */
  async measure(load: Load): Promise<Measured> {
    const publisher = this.publisher;
    if (publisher === undefined) throw new Error("there is no publisher");
    await this.sinks.all("reset");
    const before = { cpu: this.cpuMicros, micros: nowMicros() };
    const stopWatching = this.watchMemory();
    await publisher.run(load, (sent) => this.isBehind(sent, load));
    await this.settle();
    const cpu = this.cpuMicros - before.cpu;
    const rss = stopWatching();
    const heard = await this.sinks.collect();
    if (heard.problems.length > 0) throw new Error(heard.problems.join("\n"));
    const elapsedMicros = Math.max(heard.lastMicros - before.micros, load.seconds * 1e6);
    const ms = (share: number) => round(heard.latencies.percentile(share) / 1000);
    const toldLost = heard.toldLost - this.toldBefore;
    this.toldBefore = heard.toldLost;
    return {
      offeredPerSecond: load.rate * heard.members,
      deliveriesPerSecond: round((heard.deliveries * 1e6) / elapsedMicros),
      cpuMicrosPerDelivery: round(cpu / heard.deliveries),
      p50Ms: ms(0.5),
      p99Ms: ms(0.99),
      p999Ms: ms(0.999),
      batch: round(heard.deliveries / heard.batches),
      bytesPerDelivery: round(heard.bytes / heard.deliveries),
      rssMiB: round(rss / 2 ** 20),
      deliveries: heard.deliveries,
      ...this.lossesOf(heard),
      toldLost,
    };
  }

  /** What a step takes: time, and CPU time of the server. */
  async cost(step: () => Promise<void>): Promise<{ readonly ms: number; readonly cpuMicros: number }> {
    const before = { micros: nowMicros(), cpu: this.cpuMicros };
    await step();
    return { ms: (nowMicros() - before.micros) / 1000, cpuMicros: this.cpuMicros - before.cpu };
  }

  /** Sends one message to every channel. */
  publish(bytes: number): void {
    this.publisher?.send(bytes);
  }

  /** What members have heard since the start, and what they have missed. */
  async losses(): Promise<Losses> {
    return this.lossesOf(await this.sinks.collect());
  }

  private lossesOf({ received, toldLost, members, duplicated, reordered }: Omit<SinkReport, "latencies">): Losses {
    return { lost: (this.publisher?.sent ?? 0) * members - received - toldLost, toldLost, duplicated, reordered };
  }

  /** Waits until everything has come or is told to be lost, or nothing comes any more. */
  async settle(): Promise<void> {
    let accounted = -1;
    for (let idleMs = 0; idleMs < patienceMs && this.missing > 0; idleMs += pollMs) {
      await sleep(pollMs);
      if (this.sinks.accounted !== accounted) idleMs = 0;
      accounted = this.sinks.accounted;
    }
  }

  async stop(): Promise<void> {
    this.publisher?.close();
    await this.sinks.stop();
    await this.server.stop();
  }

  private get missing(): number {
    return (this.publisher?.sent ?? 0) * this.members - this.sinks.accounted;
  }

  private isBehind(sent: number, { rate }: Load): boolean {
    const { deliveries, messages, seconds } = mostOnTheWay;
    const onTheWay = sent * this.members - this.sinks.accounted;
    return onTheWay > Math.max(deliveries, Math.max(messages, seconds * rate) * this.members);
  }

  /** Watches the server's memory until the function that it gives is called; that one says what it has been at most. */
  private watchMemory(): () => number {
    let most = this.rssBytes;
    const look = () => {
      most = Math.max(most, this.rssBytes);
    };
    const timer = setInterval(look, 100);
    return () => {
      clearInterval(timer);
      return most;
    };
  }
}
