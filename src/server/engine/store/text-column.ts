/**
 * A text of any characters as SQLite keeps it safely: as JSON without its closing quote. So NUL, which would end a text early,
 * and halves of surrogate pairs are escaped, nothing is empty, and texts sort as they do plain but for such characters.
 */
export function toColumn(text: string): string {
  return JSON.stringify(text).slice(0, -1);
}

/** The text of which `toColumn` made the column. */
export function fromColumn(column: string): string {
  return JSON.parse(`${column}"`);
}
