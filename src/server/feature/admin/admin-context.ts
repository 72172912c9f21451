import type { AdminOperationName, AdminOperations } from "../../../../gen/aldis/v1/tables/admin-operations.js";
import type { AdminKey } from "../../auth/admin-keys.js";
import type { Refusal } from "../refusal.js";

/** Who calls: somebody with an admin key that is good for the request's app. */
export interface AdminContext {
  readonly key: Pick<AdminKey, "name" | "app">;
}

type Answer<K extends AdminOperationName> = Promise<AdminOperations[K]["response"] | Refusal>;

/** Answers one operation of AdminService. The request has passed the rules of the protocol. */
export type AdminHandler<K extends AdminOperationName> = (
  request: AdminOperations[K]["request"],
  context: AdminContext,
) => Answer<K>;

/** The handler table: every operation has one. */
export type AdminHandlers = { readonly [K in AdminOperationName]: AdminHandler<K> };
