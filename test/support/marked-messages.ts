// Messages in which every text that is not public can be told from all others, made from the table of rules.
import { type FieldRule, messageRules } from "../../gen/aldis/v1/tables/rules.js";

/** Makes messages, and remembers what in them must not be seen. */
export class MarkedMessages {
  /** The fields that must not be seen, by their values. */
  readonly marks = new Map<string, string>();

  /** What `fromPartial` takes for a type. Of each oneof it has the case with this number, counted in circles. */
  make(type: string, round: number): Record<string, unknown> {
    const message: Record<string, unknown> = {};
    const fields = (messageRules[type]?.fields ?? []).filter(({ kind }) => kind !== "other");
    for (const field of fields) {
      if (field.oneof === undefined) message[field.name] = this.valueOf(type, field, round);
      else {
        const cases = fields.filter(({ oneof }) => oneof === field.oneof);
        if (cases[round % cases.length] !== field) continue;
        message[field.oneof] = { $case: field.name, value: this.single(type, field, round) };
      }
    }
    return message;
  }

  /** A text that must not be seen. */
  mark(about: string, form: FieldRule["form"] = "text"): string {
    const number = 73519 + this.marks.size;
    const mark = form === "dtmf" ? `${number}*${number}` : `mark${number}`;
    this.marks.set(mark, about);
    return mark;
  }

  private valueOf(type: string, field: FieldRule, round: number): unknown {
    const value = this.single(type, field, round);
    if (field.shape === "list") return [value];
    return field.shape === "map" ? new Map([[this.mark(`a key of ${field.name}`), value]]) : value;
  }

  private single(type: string, field: FieldRule, round: number): unknown {
    if (field.kind === "message") return this.make(field.message ?? "", round);
    const text = field.sensitivity === "public" ? "lobby" : this.mark(`${type}.${field.name}`, field.form);
    return field.kind === "bytes" ? Buffer.from(text) : text;
  }
}

/** The fields that a text shows although it must not: as they are, or in one of the forms in which bytes are written. */
export function shownIn(text: string, marks: ReadonlyMap<string, string>): string[] {
  return [...marks].flatMap(([mark, about]) => {
    const bytes = Buffer.from(mark);
    const forms = [mark, bytes.toString("hex"), bytes.toString("base64").replace(/=+$/, ""), [...bytes].join(",")];
    return forms.some((form) => text.includes(form)) ? [about] : [];
  });
}
