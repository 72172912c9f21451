import type { Page } from "../../../../gen/aldis/v1/admin_service.js";
import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import { type Refusal, refuse } from "../refusal.js";

const sizeDefault = 100;
const sizeMax = 1000;

/** The number of entries that a page may have. */
export function sizeOf(page: Page | undefined): number {
  return Math.min(page?.size || sizeDefault, sizeMax);
}

/** The place that a page begins behind, as parts of text; undefined for the first page. */
export function placeOf(page: Page | undefined, parts: number): readonly string[] | undefined | Refusal {
  if (page === undefined || page.token === "") return undefined;
  const place = parse(page.token);
  if (Array.isArray(place) && place.length === parts && place.every((part) => typeof part === "string")) return place;
  return refuse(ErrorCode.INVALID_ARGUMENT, "the page token is none; take it from the page before", { field: "page.token" });
}

/** The mark of the next page; empty if a page is not full, for then it is the last. */
export function markAfter(page: Page | undefined, entries: number, ...place: string[]): string {
  if (entries < sizeOf(page)) return "";
  return Buffer.from(JSON.stringify(place)).toString("base64url");
}

function parse(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token, "base64url").toString());
  } catch {
    return undefined;
  }
}
