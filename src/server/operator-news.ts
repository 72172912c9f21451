/** Hears, in sentences, what an operator should know of files that are read again while the server runs. */
export interface OperatorNews {
  /** Something is wrong. */
  report(sentence: string): void;
  /** New content is used from now on. */
  announce(sentence: string): void;
}
