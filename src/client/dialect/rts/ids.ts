const idPattern = /^[a-zA-Z0-9_@.-]{1,128}$/;
const businessIdPattern = /^[a-zA-Z0-9_@.-]*$/;

/** True for a text that may be the id of a user or a room. */
export function isId(text: string): boolean {
  return idPattern.test(text);
}

/** True for a text that may be a business id. */
export function isBusinessId(text: string): boolean {
  return businessIdPattern.test(text);
}
