import { AttributeChangeKind } from "../../../../gen/aldis/v1/attribute.js";
import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import type { Limits } from "../../../../gen/aldis/v1/tables/limits.js";
import type { AttributeOwner, AttributeStore, AttributeTimer } from "../../engine/ports/attribute-store.js";
import type { Clock } from "../../runtime.js";
import { type Refusal, refuse, refuseOver } from "../refusal.js";
import type { Written } from "./attribute-set.js";

/** What somebody wants to write. `SET` and `CLEAR` replace all attributes, the others leave the keys that they do not name. */
export interface Wish {
  readonly kind: AttributeChangeKind;
  readonly set?: ReadonlyMap<string, string>;
  readonly remove?: readonly string[];
  /** Absent for any. */
  readonly expectedRevision?: number | undefined;
}

/** Writes attributes of any owner, and says in the protocol's terms why it cannot. */
export class AttributeWriter {
  constructor(
    private readonly store: AttributeStore,
    private readonly clock: Clock,
    private readonly limits: Limits,
  ) {}

  /** Makes a write for a user, or for the server if `userId` is empty. With a timer the set ends when nobody needs it any more. */
  async write(
    owner: AttributeOwner,
    { kind, set, remove, expectedRevision }: Wish,
    { userId, timer }: { readonly userId: string; readonly timer: AttributeTimer | undefined },
  ): Promise<Written | Refusal> {
    const atMs = this.clock.now();
    const outcome = await this.store.write(owner, {
      replaceAll: kind === AttributeChangeKind.SET || kind === AttributeChangeKind.CLEAR,
      set: set ?? new Map(),
      remove: remove ?? [],
      userId,
      atMs,
      expectedRevision,
      timer,
    });
    if (outcome.kind === "written") return { kind, before: outcome.before, after: outcome.after, userId, atMs };
    if (outcome.kind === "conflict") return refuseConflict(outcome.revision);
    return refuseOver(
      ErrorCode.ATTRIBUTES_TOO_LARGE,
      this.limits,
      outcome.limit,
      "the attributes would be too many or too large",
      {
        field: "attributes",
      },
    );
  }
}

/** True if a write changed something: then its revision is a new one. */
export function hasChanged({ before, after }: Written): boolean {
  return after.revision !== before.revision;
}

function refuseConflict(currentRevision: number): Refusal {
  return refuse(ErrorCode.REVISION_CONFLICT, `the attributes are at revision ${currentRevision}; read them and try again`, {
    field: "expected_revision",
    currentRevision,
  });
}
