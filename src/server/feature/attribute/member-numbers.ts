import { AttributeChangeKind } from "../../../../gen/aldis/v1/attribute.js";
import type { Limits } from "../../../../gen/aldis/v1/tables/limits.js";
import type { Engine } from "../../engine/engine.js";
import { type ChannelKey, channelText } from "../../engine/ports/keys.js";
import type { Clock, Timer } from "../../runtime.js";
import { builtIn } from "./built-in.js";
import type { ChannelAttributes } from "./channel-attributes.js";
import { settingsOf } from "./channel-settings.js";

/** How often the node looks which numbers are due, in milliseconds. Periods are whole seconds. */
const tickMs = 1000;

/** A channel in which members came or went since its numbers were written, or whose period has not passed since. */
interface Noted {
  readonly channel: ChannelKey;
  changed: boolean;
  /** The joins on this node that are not in the attribute yet. */
  joins: number;
  dueAtMs: number;
}

/**
 * Keeps the attributes `_member_num` and `_total_member_num` of the channels that ask for it. Every node with members writes the
 * same number, so all but the first write change nothing.
 */
export class MemberNumbers {
  private readonly noted = new Map<string, Noted>();
  private timer: Timer | undefined;

  constructor(
    private readonly engine: Engine,
    private readonly attributes: ChannelAttributes,
    private readonly clock: Clock,
    private readonly limits: Limits,
    private readonly report: (failure: unknown) => void,
  ) {}

  start(): void {
    this.timer = this.clock.every(tickMs, () => this.writeDue().catch(this.report));
  }

  stop(): void {
    this.timer?.cancel();
  }

  /** Members of a channel came or went; `joins` of them came on this node. */
  note(channel: ChannelKey, periodMs: number, joins = 0): void {
    const key = channelText(channel);
    const dueAtMs = this.clock.monotonic() + periodMs;
    const noted = this.noted.get(key) ?? { channel, changed: true, joins: 0, dueAtMs };
    noted.changed = true;
    noted.joins += joins;
    this.noted.set(key, noted);
  }

  private async writeDue(): Promise<void> {
    const now = this.clock.monotonic();
    for (const [key, noted] of this.noted) {
      if (noted.dueAtMs > now) continue;
      if (noted.changed) await this.write(key, noted);
      else this.noted.delete(key);
    }
  }

  private async write(key: string, noted: Noted): Promise<void> {
    const { channel, joins } = noted;
    const stored = await this.engine.attributes.read({ kind: "channel", key: channel });
    const settings = settingsOf(stored.attributes, this.limits);
    if (settings.memberNumberMs === 0) {
      this.noted.delete(key);
      return;
    }
    noted.changed = false;
    noted.dueAtMs = this.clock.monotonic() + settings.memberNumberMs;
    const [count = 0] = await this.engine.channels.counts([channel]);
    const set = new Map([[builtIn.memberNumber as string, `${count}`]]);
    if (settings.countsJoins) {
      set.set(builtIn.totalNumber, `${Number(stored.attributes.get(builtIn.totalNumber)?.value ?? 0) + joins}`);
    }
    const wish = { kind: AttributeChangeKind.UPDATE, set, expectedRevision: stored.revision };
    // Who came first has changed the revision; the next look sees it.
    if (await this.attributes.writeAsServer(channel, wish)) noted.joins -= joins;
    else noted.changed = true;
  }
}
