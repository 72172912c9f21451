/** Mail that waits, counted as the limits `nodeMailMessages` and `nodeMailBytes` count it. */
export interface Waiting {
  readonly messages: number;
  readonly bytes: number;
}

/** The larger number of each kind. Zero of nothing. */
export function mostOf(all: readonly Waiting[]): Waiting {
  const most = (numbers: readonly number[]) => numbers.reduce((one, other) => Math.max(one, other), 0);
  return { messages: most(all.map(({ messages }) => messages)), bytes: most(all.map(({ bytes }) => bytes)) };
}
