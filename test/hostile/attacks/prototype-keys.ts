import { SetUserAttributesRequest } from "../../../gen/aldis/v1/attribute.js";
import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import type { Call } from "../../../gen/aldis/v1/stream.js";
import { join, queryPresence, toPeer } from "../../support/requests.js";
import { pause } from "../target.js";
import { logIn } from "../wire/grpc-connection.js";
import { type Attack, repeat } from "./attack.js";

const names = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf", "__defineGetter__"] as const;

/** Names of what every object of JavaScript has, as ids and keys. To the server they are names like others. */
export const prototypeKeys: Attack = {
  name: "prototype-keys",
  about: "__proto__ and its like as users, channels and keys of attributes, and more calls than are allowed of each",
  run: (target) =>
    repeat(target, 2, async () => {
      const user = await logIn(target);
      if (user === undefined) return;
      const attributes = new Map(names.map((name) => [name, "polluted"]));
      const requests: NonNullable<Call["request"]>[] = [
        { $case: "setUserAttributes", value: SetUserAttributesRequest.create({ attributes }) },
        queryPresence(...names),
        ...names.flatMap((name) => [join(name), join(name), toPeer(name, "hello")]),
      ];
      for (const request of requests) {
        const outcome = await user.stream.ask(request);
        if (outcome?.$case !== "error" || outcome.value.code !== ErrorCode.INTERNAL) continue;
        target.tally.breach(`${request.$case} with such a name made the server fail`);
      }
      user.connection.leave();
      await pause(20);
    }),
};
