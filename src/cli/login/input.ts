/** Where plain text goes. */
export type Target = { readonly kind: "user" | "channel"; readonly id: string };

/** What a line asks for. */
export type Input =
  | { readonly kind: "join" | "leave" | "who" | "count"; readonly channel: string }
  | { readonly kind: "send"; readonly target: Target; readonly text: string }
  | { readonly kind: "presence"; readonly users: readonly string[] }
  | { readonly kind: "call"; readonly user: string }
  | { readonly kind: "accept" | "refuse" | "hangup" }
  | { readonly kind: "nothing" | "help" | "quit" }
  | { readonly kind: "mistake"; readonly message: string };

const usages = {
  "/to": "/to USER text",
  "/in": "/in CHANNEL text",
  "/join": "/join CHANNEL",
  "/leave": "/leave CHANNEL",
  "/who": "/who CHANNEL",
  "/count": "/count CHANNEL",
  "/is-online": "/is-online USER...",
  "/call": "/call USER",
  "/accept": "/accept",
  "/refuse": "/refuse",
  "/hangup": "/hangup",
  "/help": "/help",
  "/quit": "/quit",
} as const;

const bareCommands = ["help", "quit", "accept", "refuse", "hangup"] as const;
const channelCommands = ["join", "leave", "who", "count"] as const;

export const helpText = `  /to USER text      send a message to a user
  /in CHANNEL text   send a message to a channel
  text               send to the user or channel of the last /to, /in or /join
  /join CHANNEL      /leave CHANNEL
  /who CHANNEL       list the members      /count CHANNEL     count the members
  /is-online USER... ask who is online     /quit              log out
  /call USER         call a user           /hangup            end the call, or take it back
  /accept            take a call           /refuse            do not`;

/** Understands a line. `target` is where plain text goes; undefined if there is nowhere yet. */
export function parseInput(line: string, target: Target | undefined): Input {
  const text = line.trim();
  if (text === "") return { kind: "nothing" };
  if (!text.startsWith("/")) {
    if (target !== undefined) return { kind: "send", target, text };
    return { kind: "mistake", message: "Say where the text goes first: /to USER text, /in CHANNEL text or /join CHANNEL." };
  }
  const [command = "", ...words] = text.split(/\s+/);
  return parseCommand(command, words, text) ?? mistake(command);
}

function parseCommand(command: string, words: readonly string[], line: string): Input | undefined {
  const [first, ...more] = words;
  switch (command) {
    case "/call":
      return first === undefined || more.length > 0 ? undefined : { kind: "call", user: first };
    case "/is-online":
      return first === undefined ? undefined : { kind: "presence", users: words };
    case "/to":
    case "/in": {
      if (first === undefined || more.length === 0) return undefined;
      const text = line.replace(/^\S+\s+\S+\s+/, "");
      return { kind: "send", target: { kind: command === "/to" ? "user" : "channel", id: first }, text };
    }
    default: {
      const bare = bareCommands.find((name) => command === `/${name}`);
      if (bare !== undefined) return { kind: bare };
      const kind = channelCommands.find((name) => command === `/${name}`);
      return kind === undefined || first === undefined || more.length > 0 ? undefined : { kind, channel: first };
    }
  }
}

function mistake(command: string): Input {
  const usage = Object.hasOwn(usages, command) ? usages[command as keyof typeof usages] : undefined;
  return {
    kind: "mistake",
    message: usage === undefined ? `There is no ${command}; try /help.` : `It goes like this: ${usage}`,
  };
}
