import { setTimeout as sleep } from "node:timers/promises";
import { ConnectionState } from "../../gen/aldis/v1/connection.js";
import { type Entry, Journal, userOf } from "../simulation/journal.js";
import type { Random } from "../simulation/random.js";
import type { Cluster } from "./cluster.js";
import type { Fault, Stage } from "./faults.js";
import { User } from "./users.js";
import { type Counts, count, judge } from "./verdict.js";

export interface Round extends Counts {
  readonly round: number;
  readonly fault: string;
  /** What somebody was told has happened: messages, calls and logins. */
  readonly confirmed: number;
  /** Calls that failed. */
  readonly refused: number;
  /** From the end of the load until nothing was missing, in milliseconds. */
  readonly settledMs: number;
  readonly ms: number;
  readonly problems: readonly string[];
}

const usersOfRound = 6;
/** Before the fault, and after it, the load goes on for so long, in milliseconds. */
const [warmMs, coolMs] = [1000, 1500];
/** How long everybody may take to have everything, and how long nothing is wrong before nothing more is expected, in milliseconds. */
const [patienceMs, calmMs] = [25_000, 1000];
const raceLoginsAtOnce = 4;
/** A login goes from node to node until one lets it in. */
const loginMs = 20_000;

/** Plays one round on a cluster that is well. Afterwards it is well again, or the round says that it is not. */
export async function playRound(round: number, fault: Fault, cluster: Cluster, random: Random): Promise<Round> {
  const play = new Play(round, cluster, random);
  const started = performance.now();
  await play.begin();
  const over = { is: false };
  const load = play.load(() => over.is);
  await sleep(warmMs);
  await fault.strike(play);
  await sleep(coolMs);
  over.is = true;
  await load;
  const settledFrom = performance.now();
  const problems = await play.settle();
  const settledMs = Math.round(performance.now() - settledFrom);
  await play.end();
  const counts = count(problems);
  const texts = [...problems.map(({ guarantee, violation }) => `${guarantee}: ${violation.problem}`), ...play.complaints];
  return {
    ...{ round, fault: fault.name, ...play.sums(), ...counts, unwell: counts.unwell + play.complaints.length },
    ...{ settledMs, ms: Math.round(performance.now() - started), problems: texts },
  };
}

/** The users of one round, and all that happens to them. */
class Play implements Stage {
  readonly complaints: string[] = [];
  private readonly entries: Entry[] = [];
  private readonly journal = new Journal(() => performance.now());
  private readonly users: User[];
  private readonly racers: User[] = [];
  private readonly channel: string;

  constructor(
    private readonly round: number,
    readonly cluster: Cluster,
    readonly random: Random,
  ) {
    this.channel = `channel${round}`;
    this.journal.listen((entry) => this.entries.push(entry));
    this.users = Array.from({ length: usersOfRound }, (_, index) => this.user(`user${index + 1}of${round}.1`, index));
  }

  async begin(): Promise<void> {
    await Promise.all(this.users.map((user) => user.logIn({ timeoutMs: loginMs })));
    await Promise.all(this.users.map((user) => user.join()));
  }

  /** Everybody writes, some talk and some call; one is away for most of the time. */
  async load(isOver: () => boolean): Promise<void> {
    const names = this.users.map(({ user }) => user);
    const othersOf = ({ user }: User) => names.filter((name) => name !== user);
    const [wanderer, ...present] = this.users;
    const work = present.flatMap((user, index) => [
      user.write(othersOf(user), isOver),
      ...(index < 3 ? [user.talk(isOver)] : [user.call(othersOf(user), isOver)]),
    ]);
    await Promise.all([...work, ...(wanderer === undefined ? [] : [this.wander(wanderer, isOver)])]);
  }

  /** Waits until nothing is wrong for a while, and gives what is wrong when patience is over. */
  async settle() {
    await Promise.all(this.users.map((user) => user.settle()));
    const until = performance.now() + patienceMs;
    let calmSince: number | undefined;
    for (;;) {
      const now = performance.now();
      const problems = judge(this.entries, now);
      if (problems.length > 0) calmSince = undefined;
      else calmSince ??= now;
      if (now > until || (calmSince !== undefined && now - calmSince >= calmMs)) return problems;
      await sleep(100);
    }
  }

  async end(): Promise<void> {
    await Promise.all([...this.users, ...this.racers].map((user) => user.app.close()));
  }

  sums(): { confirmed: number; refused: number } {
    const kinds = this.entries.map(({ what }) => what.kind);
    const of = (kind: Entry["what"]["kind"]) => kinds.filter((other) => other === kind).length;
    return { confirmed: of("answered"), refused: of("failed") };
  }

  dataLost(what?: { readonly newestOnly: boolean }): void {
    this.journal.note("server", { kind: "dataLost", ...what });
  }

  watchSessions(): () => void {
    const before = this.users.filter(({ app }) => app.state === ConnectionState.CONNECTED);
    const lost = new Set<string>();
    const unwatch = before.map(({ app, name }) =>
      app.on("stateChanged", ({ state }) => {
        if (state === ConnectionState.RECONNECTING) lost.add(name);
      }),
    );
    return () => {
      for (const end of unwatch) end();
      for (const name of lost) this.complain(`${name} lost its link while Redis was away`);
    };
  }

  async raceLogins(): Promise<void> {
    for (let device = 1; device <= raceLoginsAtOnce; device += 1) {
      this.racers.push(this.user(`racer-of${this.round}.${device}`, device));
    }
    await Promise.all(
      this.racers.map((racer) => sleep(this.random.between(0, 30)).then(() => racer.logIn({ timeoutMs: loginMs }))),
    );
    await sleep(500);
  }

  complain(problem: string): void {
    this.complaints.push(problem);
  }

  private async wander(user: User, isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await sleep(this.random.between(200, 900));
      await user.logOut();
      await sleep(this.random.between(300, 2500));
      await user.logIn({ timeoutMs: loginMs });
    }
  }

  private user(name: string, first: number): User {
    const addresses = this.cluster.addresses(first % this.cluster.nodes.length);
    const { channel, journal, random } = this;
    if (userOf(name) === name) throw new Error(`"${name}" names no device`);
    return new User({ name, addresses, channel, journal, random: random.fork() });
  }
}
