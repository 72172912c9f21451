import { keyText } from "../ports/keys.js";

/** A user and a channel of an app, "" for everywhere. */
export interface BanPlace {
  readonly appId: string;
  readonly userId: string;
  readonly channel: string;
}

// The entries of bans sort by app, then user, then channel, byte by byte: after a text comes a zero byte, and a zero byte in it is
// followed by one that stands in no text.
const end = Buffer.from([0x00]);
const escapedZero = Buffer.from([0x00, 0xff]);

/** What the entries of an app begin with, and those of no other one. */
export function entryOfApp(appId: string): Buffer {
  return Buffer.from(keyText(appId, ""));
}

export function encodeBanEntry({ appId, userId, channel }: BanPlace): Buffer {
  return Buffer.concat([entryOfApp(appId), escaped(userId), end, escaped(channel), end]);
}

export function decodeBanEntry(appId: string, entry: Buffer): BanPlace {
  const texts: string[] = [];
  let bytes: number[] = [];
  for (let index = entryOfApp(appId).length; index < entry.length; index += 1) {
    const byte = entry[index] ?? 0;
    if (byte !== 0x00) bytes.push(byte);
    else if (entry[index + 1] === 0xff) {
      bytes.push(0x00);
      index += 1;
    } else {
      texts.push(Buffer.from(bytes).toString());
      bytes = [];
    }
  }
  const [userId = "", channel = ""] = texts;
  return { appId, userId, channel };
}

function escaped(text: string): Buffer {
  const [first = "", ...more] = text.split("\u0000");
  return Buffer.concat([Buffer.from(first), ...more.flatMap((part) => [escapedZero, Buffer.from(part)])]);
}
