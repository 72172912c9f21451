import fc from "fast-check";

/** Makes the commands of a harness: what a run does to it, with the arguments, which show when the run fails. */
export function commandsOf<Harness>() {
  return <T>(name: string, values: fc.Arbitrary<T>, run: (harness: Harness, value: T) => void) =>
    values.map((value) =>
      Object.assign((harness: Harness) => run(harness, value), { toString: () => `${name}(${fc.stringify(value)})` }),
    );
}
