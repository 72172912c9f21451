import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { join, toPeer } from "../../support/requests.js";
import { pause } from "../target.js";
import { GrpcConnection, logIn } from "../wire/grpc-connection.js";
import { type Attack, repeat } from "./attack.js";

/** Ids that would break a log, a terminal or a reader's trust. None may get in. */
const forbidden = [
  'alice\n{"level":30,"msg":"all is well"}',
  "alice\r\nSet-Cookie: evil=1",
  "\u001b[2J\u001b[31mroot",
  "\u001b]0;title\u0007",
  "alice\u0000",
  "alice\u202Eecila",
  "alice\u200B",
  "\uFEFFalice",
  "alice\u2028bob",
  "alice\u0085",
  "alice\u{E0041}",
] as const;

/** Control, confusable and invisible characters in ids, and those that would write into logs and terminals. */
export const oddIds: Attack = {
  name: "odd-ids",
  about: "control and invisible characters, line ends and terminal codes in ids of users and channels",
  run: (target) =>
    repeat(target, 2, async () => {
      const id = target.random.pick(forbidden);
      const connection = new GrpcConnection(target);
      const stream = connection.stream();
      const welcome = await stream?.hello(id, { token: await target.token(id), clientName: target.random.pick(forbidden) });
      if (welcome === true) target.tally.breach(`a user with the id ${JSON.stringify(id)} could log in`);
      connection.leave();
      const user = await logIn(target);
      if (user === undefined) return;
      const joined = await user.stream.ask(join(id));
      if (joined?.$case === "joinChannel") target.tally.breach(`a channel with the id ${JSON.stringify(id)} could be joined`);
      const sent = await user.stream.ask(toPeer(id, "hello"));
      if (sent?.$case === "error" && sent.value.code === ErrorCode.INTERNAL) target.tally.breach("an id made the server fail");
      user.connection.leave();
      await pause(20);
    }),
};
