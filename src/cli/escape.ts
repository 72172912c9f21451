// Control characters, separators of lines, and marks that turn the direction of text.
const dangerous = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** A text from somebody else, safe to show: what could command the terminal stands as "\u{1b}". */
export function escapeControls(text: string): string {
  return text.replace(dangerous, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}
