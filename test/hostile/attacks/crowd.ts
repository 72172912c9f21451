import { pause } from "../target.js";
import { type GrpcConnection, logIn } from "../wire/grpc-connection.js";
import { type Attack, repeat } from "./attack.js";

/** More users than the server has room for, none of whom goes. */
export const crowd: Attack = {
  name: "crowd",
  about: "good logins of ever new users who stay, until the server has as many sessions as it may",
  async run(target) {
    const inside: GrpcConnection[] = [];
    await repeat(target, 16, async () => {
      const user = await logIn(target);
      if (user === undefined) return pause(20);
      inside.push(user.connection);
    });
    for (const connection of inside) connection.leave();
  },
};
