import { AttributeChangeKind, AttributeNotice } from "../../../../gen/aldis/v1/attribute.js";
import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import type { Limits } from "../../../../gen/aldis/v1/tables/limits.js";
import type { Engine } from "../../engine/engine.js";
import type { AttributeOwner, AttributeTimer, StoredAttributes } from "../../engine/ports/attribute-store.js";
import { channelTopic } from "../../engine/ports/channel-topic.js";
import { type ChannelKey, keyText } from "../../engine/ports/keys.js";
import type { Clock } from "../../runtime.js";
import type { CallContext, Handlers } from "../call-context.js";
import { Refusal, refuse } from "../refusal.js";
import { refuseToWrite } from "../rights.js";
import { attributeSet, changeOf, endOf, type Written } from "./attribute-set.js";
import { idleTimer, neededTimer } from "./attribute-timer.js";
import { type AttributeWriter, hasChanged, type Wish } from "./attribute-writer.js";
import { isBuiltIn, refuseBuiltIns } from "./built-in.js";
import { type ChannelSettings, settingsOf } from "./channel-settings.js";

type ChannelAttributeOperations =
  | "setChannelAttributes"
  | "updateChannelAttributes"
  | "deleteChannelAttributes"
  | "clearChannelAttributes"
  | "getChannelAttributes";

/** A wish for a channel, as all four writes say it. */
interface ChannelWish extends Wish {
  readonly channel: string;
  readonly notice: AttributeNotice;
}

/** The attributes of channels: every user of the app reads and writes them, a member or not. */
export class ChannelAttributes {
  readonly handlers: Pick<Handlers, ChannelAttributeOperations> = {
    setChannelAttributes: (context, { attributes, ...wish }) =>
      this.write(context, { kind: AttributeChangeKind.SET, set: attributes, ...wish }),
    updateChannelAttributes: (context, { attributes, ...wish }) =>
      this.write(context, { kind: AttributeChangeKind.UPDATE, set: attributes, ...wish }),
    deleteChannelAttributes: (context, { keys, ...wish }) =>
      this.write(context, { kind: AttributeChangeKind.DELETE, remove: keys, ...wish }),
    clearChannelAttributes: (context, wish) => this.write(context, { kind: AttributeChangeKind.CLEAR, ...wish }),
    getChannelAttributes: async ({ user }, { channel, keys }) => {
      const stored = await this.read({ appId: user.appId, channel });
      return { attributes: attributeSet(stored, keys) };
    },
  };

  constructor(
    private readonly engine: Engine,
    private readonly writer: AttributeWriter,
    private readonly clock: Clock,
    private readonly limits: Limits,
  ) {}

  /** Makes a write of the server's own, and tells the members what changed. False if it was not possible. */
  async writeAsServer(channel: ChannelKey, wish: Wish): Promise<boolean> {
    const written = await this.apply(channel, { ...wish, notice: AttributeNotice.CHANGE }, "");
    return !(written instanceof Refusal);
  }

  /** What the attributes of a channel say of it at present. */
  async settings(channel: ChannelKey): Promise<ChannelSettings> {
    return settingsOf((await this.read(channel)).attributes, this.limits);
  }

  /** A channel was empty, and is not any more: its attributes stay. */
  async hold(channel: ChannelKey): Promise<void> {
    const { revision, timer } = await this.read(channel);
    if (revision === 0) return;
    await this.engine.attributes.setTimer(ownerOf(channel), neededTimer(this.clock.now()), timer);
  }

  /** A channel is empty: the time of its attributes begins, unless they have another timer by now. */
  async release(channel: ChannelKey, { attributes, revision, timer }: StoredAttributes): Promise<void> {
    if (revision === 0) return;
    const owner = ownerOf(channel);
    const idle = idleTimer(this.clock.now(), settingsOf(attributes, this.limits).emptyAgeMs);
    if (await this.engine.attributes.setTimer(owner, idle, timer)) return;
    // Writes of one moment have equal timers: the one before may have taken this one for its own, with an older time to live.
    const present = await this.read(channel);
    if (present.revision !== revision || !present.timer?.idle) return;
    await this.engine.attributes.setTimer(owner, idle, present.timer);
  }

  async isNeeded(channel: ChannelKey): Promise<boolean> {
    const [members = 0] = await this.engine.channels.counts([channel]);
    return members > 0;
  }

  async idleAge(channel: ChannelKey): Promise<number> {
    return (await this.settings(channel)).emptyAgeMs;
  }

  /**
   * Forgets the attributes of a channel that has been empty for its time, if they still have this timer. A session that others
   * see as gone may still hear the channel, so it is told.
   */
  async end(channel: ChannelKey, timer: AttributeTimer): Promise<void> {
    const before = await this.read(channel);
    if (!(await this.engine.attributes.drop(ownerOf(channel), timer))) return;
    await this.tell(channel, endOf(before, this.clock.now()), AttributeNotice.CHANGE);
  }

  /** The writes of a session take effect in the order in which they were called. */
  private write(context: CallContext, wish: ChannelWish): Promise<{ revision: number } | Refusal> {
    const write = () => this.writeNow(context, wish);
    return context.session === undefined ? write() : context.session.inOrder("attributes", write);
  }

  private async writeNow({ user, rights }: CallContext, wish: ChannelWish): Promise<{ revision: number } | Refusal> {
    const channel = { appId: user.appId, channel: wish.channel };
    const refusal = refuseToWrite(rights) ?? refuseBuiltIns(wish.set ?? new Map()) ?? (await this.refuseOften(channel, wish));
    if (refusal !== undefined) return refusal;
    const written = await this.apply(channel, wish, user.userId);
    return written instanceof Refusal ? written : { revision: written.after.revision };
  }

  /** Writes, and tells the members. Attributes of a channel that nobody is in have a time to live from the beginning. */
  private async apply(
    channel: ChannelKey,
    wish: Wish & { readonly notice: AttributeNotice },
    userId: string,
  ): Promise<Written | Refusal> {
    const timer = neededTimer(this.clock.now());
    const written = await this.writer.write(ownerOf(channel), wish, { userId, timer });
    if (written instanceof Refusal) return written;
    await this.tell(channel, written, wish.notice);
    if (!(await this.isNeeded(channel))) await this.release(channel, written.after);
    return written;
  }

  /** Refuses to change one attribute more often than the channel allows, whoever changes it. */
  private async refuseOften(channel: ChannelKey, { set, remove = [] }: Wish): Promise<Refusal | undefined> {
    const { writes } = await this.settings(channel);
    for (const key of [...(set?.keys() ?? []), ...remove]) {
      const rateKey = `attribute/${keyText(channel.appId, keyText(channel.channel, key))}`;
      const retryAfterMs = await this.engine.rates.take(rateKey, writes, 1000);
      if (retryAfterMs === 0) continue;
      const message = `the attribute "${key}" of the channel changes too often: at most ${writes} times a second`;
      return refuse(ErrorCode.CHANNEL_RATE_LIMITED, message, { field: `attributes["${key}"]`, retryAfterMs });
    }
    return undefined;
  }

  private async tell(channel: ChannelKey, written: Written, notice: AttributeNotice): Promise<void> {
    if (!hasChanged(written)) return;
    const wholeSet = notice === AttributeNotice.WHOLE_SET;
    const change = wholeSet || notice === AttributeNotice.CHANGE ? changeOf(written, wholeSet) : undefined;
    const settingsChanged = changesSettings(written);
    if (change === undefined && !settingsChanged) return;
    const news = { $case: "attributesWritten", value: { change, settingsChanged } } as const;
    await this.engine.bus.publish(channelTopic(channel), news);
  }

  /** The attributes of a channel. */
  read(channel: ChannelKey): Promise<StoredAttributes> {
    return this.engine.attributes.read(ownerOf(channel));
  }
}

function ownerOf(channel: ChannelKey): AttributeOwner {
  return { kind: "channel", key: channel };
}

function changesSettings({ before, after }: Written): boolean {
  const keys = new Set([...before.attributes.keys(), ...after.attributes.keys()]);
  return [...keys].some((key) => isBuiltIn(key) && before.attributes.get(key)?.value !== after.attributes.get(key)?.value);
}
