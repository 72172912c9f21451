/** A command ends with a message for people, which says what to do, and no stack. */
export class CliError extends Error {
  /** `exitCode` is 1 for a command that failed and 2 for one that was asked wrongly. */
  constructor(
    message: string,
    readonly exitCode: 1 | 2 = 1,
  ) {
    super(message);
    this.name = "CliError";
  }
}
