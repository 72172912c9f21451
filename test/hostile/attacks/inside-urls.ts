import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { SendAppServerMessageRequest, SetAppServerRequest } from "../../../gen/aldis/v1/app_server.js";
import { logIn } from "../wire/grpc-connection.js";
import { type Attack, repeat } from "./attack.js";

/** Ways to say "this machine" or "this network". The port is one on which the attacker listens. */
const hosts = [
  ...["127.0.0.1", "localhost", "0.0.0.0", "0", "127.1", "0x7f.1", "2130706433", "017700000001", "[::1]", "[::]"],
  ...["[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "169.254.169.254", "10.0.0.1", "192.168.0.1"],
  ...["user@127.0.0.1", "127.0.0.1#@example.com", "127.0.0.1%00.example.com"],
] as const;
const schemes = ["http", "https", "file", "gopher", "ftp", "unix"] as const;

/** Addresses of application servers that point into the network of the server. */
export const insideUrls: Attack = {
  name: "inside-urls",
  about: "addresses of application servers that point inside, in every spelling",
  async run(target) {
    const trap = createServer((_, response) => {
      target.tally.breach("the server called an address inside");
      response.end();
    });
    await new Promise<void>((resolve) => trap.listen(0, "127.0.0.1", resolve));
    const { port } = trap.address() as AddressInfo;
    await repeat(target, 4, async () => {
      const user = await logIn(target);
      for (let i = 0; user !== undefined && i < 5 && !user.stream.over; i += 1) {
        const scheme = target.random.chance(0.7) ? "http" : target.random.pick(schemes);
        const url = `${scheme}://${target.random.pick(hosts)}:${port}/`;
        await user.stream.ask({ $case: "setAppServer", value: SetAppServerRequest.create({ url }) });
        const value = SendAppServerMessageRequest.create({ content: { $case: "text", value: "hello" } });
        await user.stream.ask({ $case: "sendAppServerMessage", value });
      }
      user?.connection.leave();
    });
    trap.close();
  },
};
