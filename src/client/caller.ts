import type { DeepPartial } from "../../gen/aldis/v1/stream.js";
import { type OperationName, type Operations, operations } from "../../gen/aldis/v1/tables/operations.js";
import type { CallStart } from "./connection/calls.js";
import type { Connection } from "./connection/connection.js";
import type { CallOptions } from "./options.js";

/** Calls operations on a connection, with the client's default for the time that a call may take. */
export class Caller {
  readonly #connection: Connection;
  readonly #timeoutMs: number;

  constructor(connection: Connection, timeoutMs: number) {
    this.#connection = connection;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Calls an operation. Fields that the request leaves out are empty. Rejects with an `AldisError`. `onAnswer` is told of the
   * answer in step with the events, which the promise is not.
   */
  call<K extends OperationName>(
    operation: K,
    request: DeepPartial<Operations[K]["request"]>,
    options: CallOptions & Pick<CallStart, "first"> = {},
    onAnswer: (response: Operations[K]["response"]) => void = () => {},
  ): Promise<Operations[K]["response"]> {
    const { timeoutMs = this.#timeoutMs, onSettled, ...wait } = options;
    const created = operations[operation].request.create(request);
    return new Promise((resolve, reject) => {
      this.#connection.start(operation, created, { ...wait, timeoutMs }, (outcome) => {
        if (outcome.ok) onAnswer(outcome.response);
        onSettled?.();
        if (outcome.ok) resolve(outcome.response);
        else reject(outcome.error);
      });
    });
  }
}
