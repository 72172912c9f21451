import { pause } from "../target.js";
import { RawConnection } from "../wire/raw-connection.js";
import { type Attack, repeat } from "./attack.js";

const keptOpen = 300;

/** Connections of one address: as many as it can open, and again when they are cut. */
export const connectionFlood: Attack = {
  name: "connection-flood",
  about: "connections of one address, opened as fast as they can be, and kept open",
  async run(target) {
    const address = target.nextAddress();
    await repeat(target, keptOpen, async () => {
      const connection = RawConnection.greeting(target, address);
      target.tally.sent += 1;
      while (!connection.over && !target.over) await pause(50);
      connection.leave();
    });
  },
};
