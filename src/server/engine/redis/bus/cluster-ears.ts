import type { Cluster, Redis } from "ioredis";
import type { Clock } from "../../../runtime.js";
import { slotOf } from "../slot.js";
import { Ear, type EarObserver, type Ears } from "./ear.js";

/** Makes a client for one server. */
export type MakeClient = (at: { host: string; port: number }) => Redis;

/** Hears the shard channels of a Redis Cluster: one connection to each server whose channels are listened to. */
export class ClusterEars implements Ears {
  readonly #ears = new Map<string, Ear>();
  /** Where each channel is listened to. */
  readonly #places = new Map<string, string>();
  readonly #move = () => this.#moveAll();

  constructor(
    private readonly cluster: Cluster,
    private readonly makeClient: MakeClient,
    private readonly observer: EarObserver,
    private readonly clock: Clock,
  ) {}

  listen(channel: string): void {
    if (this.#places.size === 0) this.cluster.on("refresh", this.#move);
    if (!this.#places.has(channel)) this.#listenAt(channel, this.#placeOf(channel));
  }

  async catchUp(channel: string): Promise<void> {
    await this.#ears.get(this.#places.get(channel) ?? "")?.catchUp();
  }

  drop(channel: string): void {
    this.#ears.get(this.#places.get(channel) ?? "")?.drop(channel);
    this.#places.delete(channel);
    if (this.#places.size === 0) this.cluster.off("refresh", this.#move);
  }

  close(): void {
    this.cluster.off("refresh", this.#move);
    for (const ear of this.#ears.values()) ear.close();
    this.#ears.clear();
    this.#places.clear();
  }

  /** The cluster has another form: channels follow their slots, and what nobody listens to any more is let go. */
  #moveAll(): void {
    for (const [channel, former] of this.#places) {
      const place = this.#placeOf(channel);
      if (place === former) continue;
      this.#ears.get(former)?.drop(channel);
      this.observer.interrupted(channel);
      this.#listenAt(channel, place);
    }
    const used = new Set(this.#places.values());
    for (const [place, ear] of this.#ears) {
      if (used.has(place)) continue;
      ear.close();
      this.#ears.delete(place);
    }
  }

  #listenAt(channel: string, place: string): void {
    this.#places.set(channel, place);
    // Without a place it waits for the next form of the cluster.
    if (place !== "") this.#earAt(place).listen(channel);
  }

  #earAt(place: string): Ear {
    const known = this.#ears.get(place);
    if (known !== undefined) return known;
    const colon = place.lastIndexOf(":");
    const client = this.makeClient({ host: place.slice(0, colon), port: Number(place.slice(colon + 1)) });
    // A server that cannot be reached, or does not have the channel any more, may have been replaced.
    const refresh = () => this.cluster.refreshSlotsCache();
    client.on("close", refresh);
    const ear = new Ear(client, this.observer, this.clock, refresh);
    this.#ears.set(place, ear);
    return ear;
  }

  /** The address of the server that has a channel; empty if nobody knows. */
  #placeOf(channel: string): string {
    return this.cluster.slots[slotOf(channel)]?.[0] ?? "";
  }
}
