// The commands with their options and help.
import { type Command, Option } from "commander";
import { describeConfig } from "../server/config.js";
import { type DemoOptions, demoCommand } from "./commands/demo.js";
import { type DoctorOptions, doctorCommand } from "./commands/doctor.js";
import { type LoginOptions, loginCommand } from "./commands/login.js";
import { type ServeOptions, serveCommand } from "./commands/serve.js";
import { type StoreOptions, storeBackupCommand, storeCheckCommand, storeStatsCommand } from "./commands/store.js";
import { type TokenOptions, tokenCommand } from "./commands/token.js";
import type { CliContext } from "./context.js";
import { parseAddress, parseAddresses, parseDuration, parseUser } from "./values.js";

/** Runs a command, which gives its exit code. */
export type RunCommand = (command: (context: CliContext) => Promise<number>) => Promise<void>;

export function addServe(program: Command, run: RunCommand): void {
  withConfig(program.command("serve").description("Run the server until it is asked to stop (Ctrl-C)."))
    .option("--json", "Print one line of JSON when the server listens.")
    .addHelpText("after", serveHelp)
    .action((options: ServeOptions) => run((context) => serveCommand(options, context)));
}

const serveHelp = `
A flag goes before its variable, that before the file, that before the default.
The token secret has no flag, since other users see flags: use ALDIS_TOKEN_SECRET or --token-secret-file.

Examples:
  aldis serve
  aldis serve --grpc-port 0 --http-port 0 --json
  aldis serve --token-secret-file secret.txt --limit messageBytes=32768
  aldis serve --grpc-host 0.0.0.0 --tls-cert-file cert.pem --tls-key-file key.pem --apps-file apps.json`;

export function addDoctor(program: Command, run: RunCommand): void {
  const about = "Look at everything that a server needs here, and say what to do; exit code 1 if it could not do its work.";
  withConfig(program.command("doctor").description(about))
    .option("--json", "Print one line of JSON.")
    .addHelpText("after", doctorHelp)
    .action((options: DoctorOptions) => run((context) => doctorCommand(options, context)));
}

const doctorHelp = `
Give it the flags, variables and file of the server, and run it as the user of the server. It changes nothing.

Examples:
  aldis doctor
  aldis doctor --config /etc/aldis/aldis.json --json`;

export function addToken(program: Command, run: RunCommand): void {
  withCredentials(program.command("token").description("Print a token for a user."))
    .requiredOption("--user <user>", "The user.", parseUser)
    .option("--valid <duration>", "How long it is valid, like 15m or 7d; 24h by default.", parseDuration)
    .addHelpText(
      "after",
      "\nExamples:\n  aldis token --user alice\n  aldis token --user alice --app shop --valid 1h --secret-file secret.txt",
    )
    .action((options: TokenOptions) => run((context) => tokenCommand(options, context)));
}

export function addStore(program: Command, run: RunCommand): void {
  const store = program.command("store").description("Look after what a server keeps on disk, also while it runs.");
  const add = (usage: string, about: string) =>
    store
      .command(usage)
      .description(about)
      .option("--data-dir <directory>", "Where the server keeps its data. (ALDIS_DATA_DIR)")
      .option("--json", "Print one line of JSON.");
  add("check", "Read everything, and say what is damaged; exit code 1 if something is.").action((options: StoreOptions) =>
    run((context) => storeCheckCommand(options, context)),
  );
  add("stats", "Say how much is stored.").action((options: StoreOptions) =>
    run((context) => storeStatsCommand(options, context)),
  );
  add("backup", "Copy the store as it is now to a new file.")
    .argument("[file]", "The file; by default aldis-backup-TIME.db in the present directory.")
    .addHelpText("after", storeBackupHelp)
    .action((file: string | undefined, options: StoreOptions) => run((context) => storeBackupCommand(file, options, context)));
}

const storeBackupHelp = `
To restore: stop the server, put the file in the place of aldis.db in the data directory, and remove
aldis.db-wal and aldis.db-shm. Whatever was stored after the backup is gone then.

Examples:
  aldis store backup
  aldis store backup /backups/aldis.db --data-dir /var/lib/aldis`;

export function addDemo(program: Command, run: RunCommand): void {
  const demo = program
    .command("demo")
    .description("Play a short story with two users: receipts, a channel, a broken link, calls.");
  withTls(withCredentials(demo))
    .option(
      "--address <host:port,...>",
      "The server, or several of a cluster. By default that of this machine, or else one inside the demo.",
      parseAddresses,
    )
    .option("--json", "Print one line of JSON for each step.")
    .addHelpText("after", "\nExamples:\n  aldis demo\n  aldis demo --address 10.0.0.7:7400 --secret-file secret.txt --json")
    .action((options: DemoOptions) => run((context) => demoCommand(options, context)));
}

export function addLogin(program: Command, run: RunCommand): void {
  const login = program
    .command("login")
    .description("Log in as a user and talk: messages to users and channels, presence, calls.");
  withTls(withCredentials(login))
    .requiredOption("--user <user>", "The user.", parseUser)
    .option("--address <host:port>", "The server. By default that of this machine.", parseAddress)
    .option("--token <token>", "A token of the user. By default one is made with the key of the server of this machine.")
    .addHelpText(
      "after",
      "\nExamples:\n  aldis login --user alice\n  aldis login --user bob --address 10.0.0.7:7400 --app shop --token TOKEN",
    )
    .action((options: LoginOptions) => run((context) => loginCommand(options, context)));
}

/** Adds the settings of a server, but for its secrets. */
function withConfig(command: Command): Command {
  for (const { flag, variable, defaultText, about, isSwitch } of describeConfig()) {
    if (flag === undefined) continue;
    command.addOption(new Option(flag, `${about} (${variable}, default: ${defaultText})`));
    if (isSwitch) command.addOption(new Option(flag.replace("--", "--no-")).hideHelp());
  }
  return command
    .option("--limit <name=value>", "A limit of the protocol; may be repeated. (ALDIS_LIMIT_MESSAGE_BYTES and so on)", collect)
    .option("--config <file>", 'A JSON file with any of these, for example {"grpcPort": 7400}. (ALDIS_CONFIG)');
}

function withCredentials(command: Command): Command {
  return command
    .option("--app <app>", "The app. By default that of the server of this machine.")
    .option("--data-dir <directory>", "Where the server of this machine keeps its data. (ALDIS_DATA_DIR)")
    .option("--secret-file <file>", "A file with the token secret of the server. (ALDIS_TOKEN_SECRET_FILE)");
}

/** Adds the options of TLS to a command that reaches a server. */
export function withTls(command: Command): Command {
  return command
    .option("--tls", "Speak TLS, and check the server's certificate by those of the system.")
    .option("--tls-ca <file>", "Speak TLS, and check the server's certificate by those in this file (PEM).")
    .option("--tls-cert <file>", "Show this certificate to the server (PEM), together with --tls-key.")
    .option("--tls-key <file>", "The private key of --tls-cert (PEM).");
}

function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}
