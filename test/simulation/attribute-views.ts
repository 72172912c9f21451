import { type Attribute, type AttributeChange, AttributeChangeKind, type AttributeSet } from "../../gen/aldis/v1/attribute.js";
import { MembershipState } from "../../gen/aldis/v1/channel.js";
import type { AldisClient } from "../../src/client/client.js";
import { isOver } from "./checkers/checker.js";
import type { Answer, AttributeState, Question } from "./journal.js";

/** The client whose views these are. */
interface Viewer {
  readonly app: AldisClient;
  readonly channels: readonly string[];
  later(ms: number, task: () => void): void;
  ask(question: Question, run: () => Promise<Answer>): Promise<unknown>;
}

/** How long the application waits before it reads again what it could not read, in milliseconds. */
const readAgainMs = 2_000;

/**
 * The attributes of the channels that an application is in and of the users that it watches, kept as the protocol says: a change
 * that is the next one is applied, and after any other the application reads again.
 */
export class AttributeViews {
  readonly #client: Viewer;
  /** What is known by owner. Undefined for what is to be read. */
  readonly #known = new Map<string, AttributeState | undefined>();
  #reads = 0;
  /** The latest read of each owner: what an earlier one answers may be out of date. */
  readonly #latestRead = new Map<string, number>();

  constructor(client: Viewer) {
    this.#client = client;
    const { app } = client;
    app.on("userAttributesChanged", ({ userId, change }) => this.#change(`user ${userId}`, change));
    app.on("stateChanged", ({ state }) => {
      if (isOver(state)) this.#known.clear();
    });
    for (const id of client.channels) {
      const owner = `channel ${id}`;
      const channel = app.channel(id);
      channel.on("attributesChanged", (change) => this.#change(owner, change));
      channel.on("stateChanged", ({ state }) => {
        if (state === MembershipState.JOINED) this.#read(owner);
        else this.#known.delete(owner);
      });
    }
  }

  /** What the application knows at present. */
  states(): readonly AttributeState[] {
    return [...this.#known.values()].filter((state) => state !== undefined);
  }

  /** The revision that the application knows of an owner. */
  revisionOf(owner: string): number | undefined {
    return this.#known.get(owner)?.revision;
  }

  /** Watches a user. */
  watch(user: string): void {
    this.#read(`user ${user}`);
  }

  #learn(owner: string, { revision, attributes }: AttributeSet): void {
    this.#known.set(owner, { owner, revision, values: valuesOf(attributes) });
  }

  #change(owner: string, change: AttributeChange | undefined): void {
    const known = this.#known.get(owner);
    if (change === undefined || !this.#known.has(owner)) return;
    // What a read that is under way answers may be older.
    if (known === undefined) this.#read(owner);
    else if (change.wholeSet) this.#learn(owner, change);
    else if (change.revision !== known.revision + 1) this.#read(owner);
    else this.#known.set(owner, { owner, revision: change.revision, values: applied(known.values, change) });
  }

  /** Reads, until it succeeds or nobody wants to know any more. What changes meanwhile is in the answer or comes behind it. */
  #read(owner: string): void {
    this.#reads += 1;
    const number = this.#reads;
    this.#latestRead.set(owner, number);
    this.#known.set(owner, undefined);
    const isWanted = (): boolean => this.#known.has(owner) && this.#latestRead.get(owner) === number;
    const read = async () => {
      const set = await this.#ask(owner);
      if (isWanted()) this.#learn(owner, set);
      return {};
    };
    const isMissing = (): boolean => isWanted() && this.#known.get(owner) === undefined;
    const again = (): void => this.#client.later(readAgainMs, () => isMissing() && this.#read(owner));
    void this.#client.ask({ operation: "readAttributes", owner }, read).then(() => isMissing() && again());
  }

  #ask(owner: string): Promise<AttributeSet> {
    const { app } = this.#client;
    const [kind, id = ""] = owner.split(" ");
    return kind === "user" ? app.attributes.watch(id) : app.channel(id).attributes.get();
  }
}

/** The values of attributes. */
export function valuesOf(attributes: ReadonlyMap<string, Pick<Attribute, "value">>): Map<string, string> {
  return new Map([...attributes].map(([key, { value }]) => [key, value]));
}

function applied(values: ReadonlyMap<string, string>, { kind, attributes, deletedKeys }: AttributeChange): Map<string, string> {
  const after = new Map(kind === AttributeChangeKind.CLEAR ? [] : values);
  for (const [key, value] of valuesOf(attributes)) after.set(key, value);
  for (const key of deletedKeys) after.delete(key);
  return after;
}
