import { AttributeChangeKind, AttributeNotice } from "../../../../gen/aldis/v1/attribute.js";
import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import type { Limits } from "../../../../gen/aldis/v1/tables/limits.js";
import type { Engine } from "../../engine/engine.js";
import { type ChannelKey, keyText } from "../../engine/ports/keys.js";
import type { CallContext, Handlers } from "../call-context.js";
import { tellChannel } from "../channel-topic.js";
import { Refusal, refuse } from "../refusal.js";
import { refuseToWrite } from "../rights.js";
import { attributeSet, changeOf, type Written } from "./attribute-set.js";
import { type AttributeWriter, hasChanged, type Wish } from "./attribute-writer.js";
import { isBuiltIn, refuseBuiltIns } from "./built-in.js";
import { type ChannelSettings, settingsOf } from "./channel-settings.js";
import type { EmptyChannels } from "./empty-channels.js";

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
      const stored = await this.engine.attributes.read({ kind: "channel", key: { appId: user.appId, channel } });
      return { attributes: attributeSet(stored, keys) };
    },
  };

  constructor(
    private readonly engine: Engine,
    private readonly writer: AttributeWriter,
    private readonly emptyChannels: EmptyChannels,
    private readonly limits: Limits,
  ) {}

  /** Makes a write of the server's own, and tells the members what changed. False if it was not possible. */
  async writeAsServer(channel: ChannelKey, wish: Wish): Promise<boolean> {
    const written = await this.writer.write({ kind: "channel", key: channel }, wish, "");
    if (written instanceof Refusal) return false;
    await this.tell(channel, written, AttributeNotice.CHANGE);
    return true;
  }

  /** What the attributes of a channel say of it at present. */
  async settings(channel: ChannelKey): Promise<ChannelSettings> {
    return settingsOf((await this.engine.attributes.read({ kind: "channel", key: channel })).attributes, this.limits);
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
    const written = await this.writer.write({ kind: "channel", key: channel }, wish, user.userId);
    if (written instanceof Refusal) return written;
    await this.tell(channel, written, wish.notice);
    await this.noteIfEmpty(channel, written);
    return { revision: written.after.revision };
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
    await tellChannel(this.engine.bus, channel, { $case: "attributesWritten", value: { change, settingsChanged } });
  }

  /** Attributes of a channel that nobody is in have a time to live from the beginning. */
  private async noteIfEmpty(channel: ChannelKey, { after }: Written): Promise<void> {
    const [members] = await this.engine.channels.counts([channel]);
    if (members === 0) this.emptyChannels.note(channel, settingsOf(after.attributes, this.limits).emptyAgeMs);
  }
}

function changesSettings({ before, after }: Written): boolean {
  const keys = new Set([...before.attributes.keys(), ...after.attributes.keys()]);
  return [...keys].some((key) => isBuiltIn(key) && before.attributes.get(key)?.value !== after.attributes.get(key)?.value);
}
