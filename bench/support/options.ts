import { InvalidArgumentError, Option } from "commander";

/** An option that is a number of at least `least`. */
export function number(name: string, description: string, standard: number, least = 0): Option {
  return optionalNumber(name, description, least).default(standard);
}

/** The same without a value unless it is given. */
export function optionalNumber(name: string, description: string, least = 0): Option {
  return new Option(`--${name} <n>`, description).argParser((text) => parseNumber(text, least));
}

/** An option that is a list of numbers of at least `least`. */
export function numbers(name: string, description: string, standard: readonly number[], least = 1): Option {
  const parse = (text: string) => text.split(",").map((part) => parseNumber(part, least));
  return new Option(`--${name} <n,n,…>`, description).default(standard, standard.join(",")).argParser(parse);
}

/** An option that is a list of names out of a choice. Empty unless it is given. */
export function names(name: string, description: string, choice: readonly string[], standard: string): Option {
  const parse = (text: string) => {
    const given = text.split(",").filter((part) => part !== "");
    const wrong = given.find((part) => !choice.includes(part));
    if (wrong !== undefined) throw new InvalidArgumentError(`"${wrong}" is none of ${choice.join(", ")}.`);
    return given;
  };
  const about = `${description}: ${choice.join(", ")}`;
  return new Option(`--${name} <name,…>`, about).default([], standard).argParser(parse);
}

function parseNumber(text: string, least: number): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= least)) throw new InvalidArgumentError(`It must be a number of at least ${least}.`);
  return value;
}
