import type { Engine } from "../../engine/engine.js";
import { type ChannelKey, keyText } from "../../engine/ports/keys.js";
import type { Clock, Timer } from "../../runtime.js";
import { tellChannel } from "../channel-topic.js";

/** How often the node looks which attributes are over, in milliseconds, and at how many channels at a time. */
const tickMs = 1000;
const channelsPerTick = 1000;
/** The most empty channels that a node remembers. Beyond, the attributes of the channel noted first go early. */
const channelsMax = 100_000;

interface EmptyChannel {
  readonly channel: ChannelKey;
  readonly dueAtMs: number;
}

/** Drops the attributes of channels that have been empty for their time. A timer is looked at, not set. */
export class EmptyChannels {
  private readonly noted = new Map<string, EmptyChannel>();
  private timer: Timer | undefined;

  constructor(
    private readonly engine: Engine,
    private readonly clock: Clock,
    private readonly report: (failure: unknown) => void,
  ) {}

  start(): void {
    this.timer = this.clock.every(tickMs, () => this.dropDue().catch(this.report));
  }

  stop(): void {
    this.timer?.cancel();
  }

  /** A channel is empty: its time begins anew. */
  note(channel: ChannelKey, ageMs: number): void {
    const key = keyText(channel.appId, channel.channel);
    this.noted.delete(key);
    this.noted.set(key, { channel, dueAtMs: this.clock.monotonic() + ageMs });
  }

  private async dropDue(): Promise<void> {
    const due = this.takeDue();
    const counts = await this.engine.channels.counts(due);
    for (const [i, channel] of due.entries()) {
      // Where somebody has joined meanwhile, the next one who leaves last notes the channel again.
      if (counts[i] === 0) await this.drop(channel);
    }
  }

  private takeDue(): ChannelKey[] {
    const now = this.clock.monotonic();
    const due: ChannelKey[] = [];
    let tooMany = this.noted.size - channelsMax;
    for (const [key, { channel, dueAtMs }] of this.noted) {
      if (due.length >= channelsPerTick) break;
      if (dueAtMs > now && tooMany <= 0) continue;
      this.noted.delete(key);
      due.push(channel);
      tooMany -= 1;
    }
    return due;
  }

  private async drop(channel: ChannelKey): Promise<void> {
    await this.engine.attributes.drop({ kind: "channel", key: channel });
    // A session that others see as gone may still hear the channel.
    await tellChannel(this.engine.bus, channel, {
      $case: "attributesWritten",
      value: { change: undefined, settingsChanged: true },
    });
  }
}
