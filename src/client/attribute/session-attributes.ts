import { AttributeChangeKind, type AttributeSet, type UserAttributesChanged } from "../../../gen/aldis/v1/attribute.js";
import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { AutoSync } from "../auto-sync.js";
import type { Caller } from "../caller.js";
import { AldisError } from "../error.js";
import type { Logger } from "../logger.js";
import type { Runtime } from "../runtime.js";

export interface SessionAttributesOptions {
  readonly caller: Caller;
  readonly runtime: Runtime;
  readonly logger: Logger;
  /** True if the own attributes end with the session. */
  readonly endWithSession: boolean;
  /** Told of each change of a watched user, and of what changed while there was no session. */
  readonly onChanged: (changed: UserAttributesChanged) => void;
}

const nothing: AttributeSet = { attributes: new Map(), revision: 0 };

/** What of the attributes belongs to a session, so that the next one gets it too: own attributes that end with it, and watches. */
export class SessionAttributes {
  readonly #options: SessionAttributesOptions;
  readonly #autoSync: AutoSync;
  #own = new Map<string, string>();
  readonly #watched = new Set<string>();
  /** Those of them that the present session does not watch yet. */
  readonly #unwatched = new Set<string>();

  constructor(options: SessionAttributesOptions) {
    const { runtime, logger } = options;
    this.#options = options;
    const complaint = "The client could not set or watch attributes again.";
    this.#autoSync = new AutoSync({ runtime, logger, complaint, sync: () => this.#restore() });
  }

  /** The own attributes were replaced. */
  replace(attributes: ReadonlyMap<string, string>): void {
    this.#own = new Map(attributes);
  }

  /** Some of the own attributes have new values. */
  update(attributes: ReadonlyMap<string, string>): void {
    for (const [key, value] of attributes) this.#own.set(key, value);
  }

  /** Some of the own attributes are gone. */
  delete(keys: readonly string[]): void {
    for (const key of keys) this.#own.delete(key);
  }

  /** The session watches a user. */
  watched(userId: string): void {
    this.#watched.add(userId);
    this.#unwatched.delete(userId);
  }

  /** The client was away: perhaps for so long that its attributes have ended, or with its session. */
  sessionStarted(isNew: boolean): void {
    if (isNew) for (const userId of this.#watched) this.#unwatched.add(userId);
    if (this.#unwatched.size > 0 || this.#endsOwn) this.#autoSync.start();
  }

  /** The connection has ended for good. */
  end(): void {
    this.#autoSync.stop();
    this.#own.clear();
    this.#watched.clear();
    this.#unwatched.clear();
  }

  get #endsOwn(): boolean {
    return this.#options.endWithSession && this.#own.size > 0;
  }

  async #restore(): Promise<void> {
    if (this.#endsOwn) await this.#setOwn();
    for (const userId of [...this.#unwatched]) await this.#watchAgain(userId);
  }

  /**
   * Revision 0 says that the attributes have ended; otherwise they are as the application wrote them. Writes that wait come
   * behind, since they would make another revision.
   */
  async #setOwn(): Promise<void> {
    const request = { attributes: new Map(this.#own), expectedRevision: 0 };
    await unless(ErrorCode.REVISION_CONFLICT, this.#options.caller.call("setUserAttributes", request, { first: true }));
  }

  /** Tells the whole set, also in a revision that is known: the set may have ended and begun anew meanwhile. */
  async #watchAgain(userId: string): Promise<void> {
    await this.#options.caller.call("getUserAttributes", { userId, watch: true }, {}, ({ attributes: set = nothing }) => {
      if (!this.#unwatched.delete(userId)) return;
      const change = { ...set, kind: AttributeChangeKind.SET, deletedKeys: [], userId: "", serverTimeMs: 0, wholeSet: true };
      this.#options.onChanged({ userId, change });
    });
  }
}

/** What a call answers; undefined if it fails with this code. */
async function unless<T>(code: ErrorCode, call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (thrown) {
    if (thrown instanceof AldisError && thrown.code === code) return undefined;
    throw thrown;
  }
}
