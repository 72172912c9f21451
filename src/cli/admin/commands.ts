// The `aldis admin` commands with their options and help.
import { type Command, Option } from "commander";
import { type RunCommand, withTls } from "../commands.js";
import type { CliContext } from "../context.js";
import { withTlsHint } from "../tls.js";
import { parseAddress, parseCount, parseDuration, parseUser } from "../values.js";
import * as actions from "./actions.js";
import { type Admin, type AdminOptions, openAdmin } from "./connection.js";
import { type DigestOptions, digest } from "./digest.js";
import { type WatchOptions, watch, watchedKinds } from "./watch.js";

type Action = (admin: Admin, context: CliContext) => Promise<actions.Shown>;

const help = `
The key is that of ALDIS_ADMIN_KEY or --key-file; by default that of the development server of this machine.

Examples:
  aldis admin stats
  aldis admin send --to alice "The shop closes in five minutes."
  aldis admin ban mallory --for 7d --note spam
  aldis admin trace --message MESSAGE_ID
  aldis admin watch --kind login logout --json
  ALDIS_ADMIN_KEY=… aldis admin sessions --address 10.0.0.7:7400 --tls --app shop`;

export function addAdmin(program: Command, run: RunCommand): void {
  const admin = program
    .command("admin")
    .description("Look into a running server, and act on users and channels.")
    .addHelpText("after", help);

  const add = (usage: string, about: string): Command => withAdmin(admin.command(usage).description(about));
  const show = showing(run);
  addUserCommands(add, show);
  addChannelCommands(add, show);
  addTokenCommands(add, show);
  addInspection(add, show, run);
  admin
    .command("digest <id>")
    .description("Print the digest by which the audit log speaks of a user. It needs the key of the log, and no server.")
    .option(
      "--audit-key-file <file>",
      "The key of the log. By default that of the server of this machine. (ALDIS_AUDIT_KEY_FILE)",
    )
    .option("--data-dir <directory>", "Where the server of this machine keeps its data. (ALDIS_DATA_DIR)")
    .option("--json", "Print one line of JSON.")
    .action((id: string, options: DigestOptions) => run(async (context) => digest(id, options, context)));
}

/** `aldis cluster`: what concerns all nodes together. */
export function addCluster(program: Command, run: RunCommand): void {
  const cluster = program.command("cluster").description("Look at the servers that share one Redis.");
  const show = showing(run);
  withAdmin(cluster.command("status").description("Show each node: its sessions, channels, memory, lease, mail and lag."))
    .addHelpText("after", clusterHelp)
    .action((options: AdminOptions) => show(options, actions.clusterStatus));
}

const clusterHelp = `
The figures are those of all apps. SILENT is the time since a node last renewed its lease, WAITING the messages of other
nodes that it has not taken, LAG the time for a message to the node and back. Any node can be asked. The exit code is 1 if a
node does not answer.

Examples:
  aldis cluster status
  ALDIS_ADMIN_KEY=… aldis cluster status --address 10.0.0.7:7400 --tls --json`;

/** Adds the options with which a command finds a server and its admin key. */
function withAdmin(command: Command): Command {
  return withTls(command)
    .option("--app <app>", "The app. By default that of the server of this machine. (ALDIS_APP_ID)")
    .option("--address <host:port>", "The server. By default that of this machine.", parseAddress)
    .option("--key-file <file>", "A file with the admin key. (ALDIS_ADMIN_KEY)")
    .option("--data-dir <directory>", "Where the server of this machine keeps its data. (ALDIS_DATA_DIR)")
    .option("--json", "Print one line of JSON.");
}

/** Runs an action on the admin service, and prints what it shows. */
function showing(run: RunCommand): Show {
  return (options, action) =>
    run(async (context) => {
      const opened = await openAdmin(options, context);
      try {
        const { json, text, failed = false } = await action(opened, context);
        context.output.write(options.json ? `${JSON.stringify(json)}\n` : text);
        return failed ? 1 : 0;
      } catch (thrown) {
        throw withTlsHint(thrown, options);
      } finally {
        opened.client.close();
      }
    });
}

type Add = (usage: string, about: string) => Command;
type Show = (options: AdminOptions, action: Action) => Promise<void>;

const channelOption = () => new Option("--channel <channel>", "The channel. By default the whole server.");
const limitOption = () => new Option("--limit <count>", "The most entries.").argParser(parseCount).default(1000);

function addUserCommands(add: Add, show: Show): void {
  add("send <text>", "Send a text to a user or a channel, as anybody.")
    .option("--from <user>", "Who appears as the sender.", parseUser, "server")
    .option("--to <user>", "The user who gets it.", parseUser)
    .option("--channel <channel>", "The channel whose members get it.")
    .option("--store", "Store it for a user who is away.")
    .action((text: string, options: AdminOptions & actions.SendOptions) =>
      show(options, (admin) => actions.send(admin, text, options)),
    );
  add("kick <user>", "End a user's session, or take it out of a channel. It may come back at once.")
    .addOption(channelOption())
    .action((user: string, options: AdminOptions & { channel?: string }) =>
      show(options, (admin) => actions.kick(admin, user, options)),
    );
  add("ban <user>", "Keep a user out, everywhere or of a channel.")
    .addOption(channelOption())
    .option("--for <duration>", "For how long, like 15m or 7d; for ever by default.", parseDuration)
    .option("--note <text>", "Why, for operators.")
    .action((user: string, options: AdminOptions & actions.BanOptions) =>
      show(options, (admin, { runtime }) => actions.ban(admin, user, options, runtime.clock.now())),
    );
  add("unban <user>", "End a ban.")
    .addOption(channelOption())
    .action((user: string, options: AdminOptions & { channel?: string }) =>
      show(options, (admin) => actions.unban(admin, user, options)),
    );
  add("bans", "List the bans.")
    .addOption(limitOption())
    .action((options: AdminOptions & { limit: number }) => show(options, (admin) => actions.bans(admin, options)));
}

function addChannelCommands(add: Add, show: Show): void {
  add("channels", "List the channels that somebody is in.")
    .addOption(limitOption())
    .action((options: AdminOptions & { limit: number }) => show(options, (admin) => actions.channels(admin, options)));
  add("channel <channel>", "Show a channel and its members.")
    .addOption(limitOption())
    .action((channel: string, options: AdminOptions & { limit: number }) =>
      show(options, (admin) => actions.channel(admin, channel, options)),
    );
  add("dismiss <channel>", "Take everybody out of a channel, and forget it.").action((channel: string, options: AdminOptions) =>
    show(options, (admin) => actions.dismiss(admin, channel)),
  );
}

function addTokenCommands(add: Add, show: Show): void {
  add("token <user>", "Print a token for a user, made by the server.")
    .option("--valid <duration>", "How long it is valid, like 15m or 7d; 24h by default.", parseDuration)
    .option("--join <patterns...>", "The channels that may be joined; all by default.")
    .option("--send <patterns...>", "The channels that may be sent to; by default those that may be joined.")
    .option("--send-from-outside <patterns...>", "The channels that may be sent to from outside; none by default.")
    .option("--read-only", "Nothing may be sent or written.")
    .action((user: string, options: AdminOptions & actions.TokenOptions) =>
      show(options, (admin) => actions.token(admin, user, options)),
    );
  add("revoke <user>", "Make all present tokens of a user worthless, and end its session.").action(
    (user: string, options: AdminOptions) => show(options, (admin) => actions.revoke(admin, user)),
  );
}

function addInspection(add: Add, show: Show, run: RunCommand): void {
  add("sessions", "List the users who are logged in.")
    .addOption(limitOption())
    .action((options: AdminOptions & { limit: number }) => show(options, (admin) => actions.sessions(admin, options)));
  add("session <user>", "Show a user's session.").action((user: string, options: AdminOptions) =>
    show(options, (admin) => actions.session(admin, user)),
  );
  add("stats", "Show the figures of the server.")
    .option("--all-apps", "Of all apps together.")
    .action((options: AdminOptions & { allApps?: boolean }) => show(options, (admin) => actions.stats(admin, options)));
  add("trace", "Say what happened to a message, an invitation or a user, and why something was not delivered.")
    .option("--message <id>", "The id that the server gave a message.")
    .option("--invitation <id>", "The id of an invitation.")
    .option("--user <user>", "A user.")
    .action((options: AdminOptions & actions.TraceOptions) => show(options, (admin) => actions.trace(admin, options)));
  add("watch", "Print a line for each login, logout, join and leave, until it is stopped (Ctrl-C).")
    .addOption(new Option("--kind <kinds...>", "Only these.").choices(Object.keys(watchedKinds)))
    .option("--resume <mark>", "Go on behind the event with this mark; --json shows the marks.")
    .action((options: AdminOptions & WatchOptions) =>
      run(async (context) => {
        const opened = await openAdmin(options, context);
        return watch(opened, options, context).finally(() => opened.client.close());
      }),
    );
}
