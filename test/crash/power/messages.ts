import { defaultLimits } from "../../../gen/aldis/v1/tables/limits.js";
import type { LogRange } from "../../../src/server/engine/ports/channel-log.js";
import { systemDisk } from "../../../src/server/engine/store/disk.js";
import { openStore } from "../../../src/server/engine/store/open-store.js";

/** Starts a store, and gives the numbers of the messages that the writer left there, in their order. */
export function readMessages(dataDir: string): number[] {
  const limits = { ...defaultLimits, channelHistoryMessages: 10_000 };
  const options = {
    dataDir,
    limits,
    maxBytes: Number.POSITIVE_INFINITY,
    minFreeBytes: 0,
    logBytes: 0,
    allowSharedDisk: true,
  };
  const { store, close } = openStore(options, { newId: () => "id", disk: systemDisk });
  try {
    const args = [{ appId: "app", channel: "lobby" }, undefined, { limit: 10_000 }];
    const [answer] = store.run([{ port: "log", method: "read", args, nowMs: 1 }]).answers;
    if (!answer?.ok) throw new Error(answer?.message);
    return (answer.value as LogRange).records.map(({ message }) => Number(Buffer.from(message).toString()));
  } finally {
    close();
  }
}
