import type { Engine } from "../../engine/engine.js";
import type { AttributeOwner, AttributeTimer } from "../../engine/ports/attribute-store.js";
import type { ChannelKey, UserKey } from "../../engine/ports/keys.js";
import type { Clock, Timer } from "../../runtime.js";
import { idleTimer, neededTimer } from "./attribute-timer.js";

/** How often the node looks which timers are due, in milliseconds, and how many of them at a time. */
const tickMs = 1000;
const setsPerTick = 1000;

/** What is known of the sets of one kind of owners. */
interface Owners<Key> {
  /** True if somebody needs the set now. */
  isNeeded(key: Key): Promise<boolean>;
  /** How long the set outlives the need for it, in milliseconds. */
  idleAge(key: Key): Promise<number>;
  /** Ends the set if it still has this timer. */
  end(key: Key, timer: AttributeTimer): Promise<void>;
}

/**
 * Ends the attributes that nobody needs any more: of users whose session is over, and of channels that have been empty for their
 * time. Timers are looked at, not set: whatever a node that died has left behind is found by the next one, and the
 * compare-and-set on the timer makes one of several nodes the winner, or whoever needs the set again meanwhile.
 */
export class AttributeEnds {
  private timer: Timer | undefined;
  private looking = false;

  constructor(
    private readonly engine: Engine,
    private readonly users: Owners<UserKey>,
    private readonly channels: Owners<ChannelKey>,
    private readonly clock: Clock,
    private readonly report: (failure: unknown) => void,
  ) {}

  start(): void {
    this.timer = this.clock.every(tickMs, () => this.look().catch(this.report));
  }

  stop(): void {
    this.timer?.cancel();
  }

  private async look(): Promise<void> {
    if (this.looking || this.engine.health() !== "ok") return;
    this.looking = true;
    try {
      const due = await this.engine.attributes.due(this.clock.now(), setsPerTick);
      await Promise.all(due.map(({ owner, timer }) => this.lookAt(owner, timer)));
    } finally {
      this.looking = false;
    }
  }

  private lookAt(owner: AttributeOwner, timer: AttributeTimer): Promise<unknown> {
    return owner.kind === "user"
      ? this.decide(this.users, owner.key, owner, timer)
      : this.decide(this.channels, owner.key, owner, timer);
  }

  private async decide<Key>(owners: Owners<Key>, key: Key, owner: AttributeOwner, timer: AttributeTimer): Promise<unknown> {
    const { attributes } = this.engine;
    if (await owners.isNeeded(key)) return attributes.setTimer(owner, neededTimer(this.clock.now()), timer);
    if (timer.idle) return owners.end(key, timer);
    return attributes.setTimer(owner, idleTimer(this.clock.now(), await owners.idleAge(key)), timer);
  }
}
