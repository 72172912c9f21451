import { EngineExhausted, EngineUnavailable } from "../ports/unavailable.js";
import type { StoreAnswer, StoreCall } from "./calls.js";

/** Something that waits for the thread of the store. */
export interface Waiting {
  /** The calls of others, or messages to a channel, that it is. */
  readonly count: number;
  /** About the memory that it takes. */
  readonly bytes: number;
  /** True for messages to a channel: they may wait a little, as they may on their way to the members. */
  readonly isMessages: boolean;
  /** The call for the thread. Nothing is added behind it. */
  toCall(): StoreCall;
  /** Hears what became of it; undefined if the thread has not said so. */
  settle(answer: StoreAnswer | undefined): void;
}

/** A call, and who waits for its answer. */
export class WaitingCall implements Waiting {
  readonly count = 1;
  readonly isMessages = false;

  constructor(
    private readonly call: StoreCall,
    readonly bytes: number,
    private readonly resolve: (value: unknown) => void,
    private readonly reject: (failure: Error) => void,
  ) {}

  toCall(): StoreCall {
    return this.call;
  }

  settle(answer: StoreAnswer | undefined): void {
    if (answer?.ok) this.resolve(answer.value);
    else this.reject(failureOf(answer));
  }
}

export function failureOf(answer: Exclude<StoreAnswer, { ok: true }> | undefined): Error {
  return answer?.kind === "full" ? new EngineExhausted(answer.message) : new EngineUnavailable(answer?.message);
}
