import { isIP, isIPv4, isIPv6 } from "node:net";
import type { LimitName, Limits } from "../../../gen/aldis/v1/tables/limits.js";
import type { Networks } from "../networks.js";
import type { Clock, Timer } from "../runtime.js";
import { RateWindows } from "./rate-windows.js";

/** What one address does at present. */
interface Use {
  connections: number;
  readonly rates: RateWindows;
  /** When it was last cut for its resets, on the monotonic clock. */
  cutAtMs: number;
}

/** A connection from an address. */
export interface Visit {
  /** Counts a request that has come over it. False if it is one too many: then the connection is to be cut. */
  request(): boolean;
  /** Counts a request that has been given up. False if it is one too many. */
  reset(): boolean;
  /** It has closed. */
  end(): void;
}

const unlimited: Visit = { request: () => true, reset: () => true, end() {} };

/** The part of its resets that an address may use while those of all strangers together are used up. */
const crowdedShare = 0.1;

/**
 * The multiple of what all strangers together may reset at which none is let in, whatever it has done. Not more, since what has come
 * over a new connection in one read is at work before it can be cut.
 */
const overrun = 1.25;

/** How long an address that was cut for its resets is not let in again while those of all strangers are used up, in milliseconds. */
const suspicionMs = 60_000;

/** How often addresses that do nothing are forgotten, in milliseconds. */
const sweepMs = 10_000;

/**
 * What strangers may do, by the address they come from: connections, requests and logins. An IPv6 network of 64 bits counts as one
 * address, because whoever has one address of it has all. Trusted networks, in which proxies are, have no such limits; neither
 * has what comes over no network.
 */
export class AddressLimits {
  private readonly uses = new Map<string, Use>();
  /** What all strangers do together. */
  private readonly all: RateWindows;
  private timer: Timer | undefined;

  constructor(
    private readonly trusted: Networks,
    private readonly clock: Clock,
    private readonly limits: Limits,
    private readonly onRefused: (limit: LimitName) => void,
  ) {
    this.all = new RateWindows(clock, limits);
  }

  start(): void {
    this.timer = this.clock.every(sweepMs, () => this.sweep());
  }

  stop(): void {
    this.timer?.cancel();
  }

  /** Counts a connection that opens. Undefined if it must not open. */
  connect(host: string): Visit | undefined {
    const use = this.useOf(host);
    if (use === undefined) return unlimited;
    if (this.isClosedTo(use)) return this.refuse("resets");
    if (this.count(use, "addressConnectionAttempts") > 0) return undefined;
    if (use.connections >= this.limits.addressConnections) return this.refuse("addressConnections");
    use.connections += 1;
    return {
      request: () => this.count(use, "addressRequests") === 0,
      reset: () => this.countReset(use),
      end: () => {
        use.connections -= 1;
      },
    };
  }

  /** Counts a login of a peer ("host:port"). Gives 0, or the milliseconds after which there is room. */
  takeLogin(peer: string): number {
    const use = this.useOf(peer.slice(0, Math.max(0, peer.lastIndexOf(":"))));
    return use === undefined ? 0 : this.count(use, "addressLogins");
  }

  /** How many addresses are known at present. */
  get size(): number {
    return this.uses.size;
  }

  private countReset(use: Use): boolean {
    if (this.count(use, "addressResets", this.all.isFull("resets") ? crowdedShare : 1) > 0) {
      use.cutAtMs = this.clock.monotonic();
      return false;
    }
    // Only what an address may do: one alone must not use up what there is for all.
    this.all.take("resets", overrun);
    return true;
  }

  /**
   * True while all strangers together reset too much, for an address that had a part in it: whoever was cut would come back and go
   * on. Others come in, and have little to reset. If many new ones do so all the same, nobody is let in.
   */
  private isClosedTo(use: Use): boolean {
    if (!this.all.isFull("resets")) return false;
    return this.isSuspect(use) || use.rates.isFull("addressResets", crowdedShare) || this.all.isFull("resets", overrun);
  }

  private isSuspect({ cutAtMs }: Use): boolean {
    return this.clock.monotonic() < cutAtMs + suspicionMs;
  }

  private count(use: Use, limit: LimitName, share?: number): number {
    const retryAfterMs = use.rates.take(limit, share);
    if (retryAfterMs > 0) this.onRefused(limit);
    return retryAfterMs;
  }

  private refuse(limit: LimitName): undefined {
    this.onRefused(limit);
  }

  private useOf(host: string): Use | undefined {
    const address = host.startsWith("::ffff:") && isIPv4(host.slice(7)) ? host.slice(7) : host;
    if (isIP(address) === 0 || this.trusted.has(address)) return undefined;
    const key = isIPv6(address) ? network64(address) : address;
    const use = this.uses.get(key) ?? this.stranger();
    this.uses.set(key, use);
    return use;
  }

  private stranger(): Use {
    return { connections: 0, rates: new RateWindows(this.clock, this.limits), cutAtMs: Number.NEGATIVE_INFINITY };
  }

  private sweep(): void {
    for (const [key, use] of this.uses) {
      if (use.connections === 0 && use.rates.idle && !this.isSuspect(use)) this.uses.delete(key);
    }
  }
}

/** The first four groups of an IPv6 address. */
function network64(address: string): string {
  const [head = "", tail] = (address.split("%")[0] ?? "").split("::");
  const front = head.split(":").filter(Boolean);
  const back = tail?.split(":").filter(Boolean) ?? [];
  // What "::" stands for, if there is one; a dotted end is never within the first four groups of an address that has one.
  const middle = Array<string>(Math.max(0, 8 - front.length - back.length)).fill("0");
  return [...front, ...middle, ...back].slice(0, 4).join(":");
}
