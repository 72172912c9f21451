import type { DescEnum } from "@bufbuild/protobuf";
import type { Schema } from "@bufbuild/protoplugin";
import { newTable, type Options, shortName } from "./options.js";

const machines = [
  { name: "connection", from: "../connection.js", state: "ConnectionState", trigger: "ConnectionReason" },
  { name: "membership", from: "../channel.js", state: "MembershipState", trigger: "MembershipTrigger" },
  { name: "invitation", from: "../invitation.js", state: "InvitationState", trigger: "InvitationTrigger" },
] as const;

/** states.ts: the legal transitions of the state machines, and what each side of an invitation sees. */
export function generateStates(schema: Schema, options: Options): void {
  const file = newTable(schema, "states", "The state machines of the protocol: states, and the legal ways out of each.");
  for (const machine of machines) {
    const extra = machine.name === "invitation" ? ["CalleeState", "CallerState"] : [];
    file.print(`import { ${[...extra, machine.state, machine.trigger].sort().join(", ")} } from "${machine.from}";`);
  }
  file.print(`
export interface StateRule<S, T> {
  readonly name: string;
  /** True for the state in which a machine begins. */
  readonly initial: boolean;
  /** True if nothing leaves this state. */
  readonly terminal: boolean;
  readonly transitions: readonly { readonly to: S; readonly on: readonly T[] }[];
}

/** The state that follows \`state\` on \`trigger\`, or undefined if the transition is not legal. */
export function nextState<S extends number, T>(table: Readonly<Record<S, StateRule<S, T>>>, state: S, trigger: T): S | undefined {
  return table[state].transitions.find((transition) => transition.on.includes(trigger))?.to;
}
`);
  for (const machine of machines) {
    const states = options.enum(`aldis.v1.${machine.state}`);
    const triggers = options.enum(`aldis.v1.${machine.trigger}`);
    const name = `${machine.name}States`;
    file.print(`export const ${name}: Readonly<Record<${machine.state}, StateRule<${machine.state}, ${machine.trigger}>>> = {`);
    for (const value of states.values) {
      const rule = options.read(value, "state");
      if (rule.terminal && rule.transitions.length > 0) throw new Error(`${value.name} is terminal and has transitions`);
      const transitions = rule.transitions.map((transition: { to: string; on: string[] }) => {
        const to = shortName(options.value(transition.to, states));
        const on = transition.on.map((trigger) => `${machine.trigger}.${shortName(options.value(trigger, triggers))}`);
        return `{ to: ${machine.state}.${to}, on: [${on.join(", ")}] }`;
      });
      file.print(
        `  [${machine.state}.${shortName(value)}]: { name: "${shortName(value)}", initial: ${rule.initial}, ` +
          `terminal: ${rule.terminal}, transitions: [${transitions.join(", ")}] },`,
      );
    }
    file.print(`};`);
    file.print();
  }
  generateProjections(file, options, options.enum("aldis.v1.InvitationState"));
}

function generateProjections(file: ReturnType<Schema["generateFile"]>, options: Options, states: DescEnum): void {
  file.print(`/** What the caller and the callee of an invitation show while the server keeps it in a state. */`);
  file.print(
    `export const invitationViews: Readonly<Record<InvitationState, { readonly caller: CallerState; readonly callee: CalleeState }>> = {`,
  );
  for (const value of states.values) {
    const rule = options.read(value, "state");
    const caller = shortName(options.value(rule.caller, options.enum("aldis.v1.CallerState")));
    const callee = shortName(options.value(rule.callee, options.enum("aldis.v1.CalleeState")));
    file.print(`  [InvitationState.${shortName(value)}]: { caller: CallerState.${caller}, callee: CalleeState.${callee} },`);
  }
  file.print(`};`);
}
