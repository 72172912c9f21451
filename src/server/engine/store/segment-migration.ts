import { LogSegment } from "../../../../gen/aldis/node/v1/segment.js";
import { encode } from "../../encode.js";
import { checksumOf, DamagedRecord } from "./checksum.js";
import type { Connection } from "./sqlite.js";
import { fromColumn } from "./text-column.js";

interface MessageRow {
  readonly channel: number;
  readonly offset: number;
  readonly sender: string;
  readonly message: Uint8Array;
  readonly stored_at: number;
  readonly checksum: number;
}

const table = `
  CREATE TABLE channel_segments (
    number INTEGER PRIMARY KEY,
    channel INTEGER NOT NULL REFERENCES channels (number) ON DELETE CASCADE, first INTEGER NOT NULL, last INTEGER NOT NULL,
    stored_at INTEGER NOT NULL, checksum INTEGER NOT NULL, messages BLOB NOT NULL
  );
  CREATE UNIQUE INDEX channel_segment_order ON channel_segments (channel, last, first);
  CREATE INDEX channel_segment_age ON channel_segments (stored_at);`;

/**
 * Step 5 of the schema: messages of a channel that came together are one row. Each of those that are there becomes a segment of its own.
 * Throws `DamagedRecord` for one that is damaged.
 */
export function putMessagesIntoSegments(connection: Connection): void {
  connection.exec(table);
  const insert = connection.prepare(
    "INSERT INTO channel_segments (channel, first, last, messages, checksum, stored_at) VALUES (?, ?, ?, ?, ?, ?)",
  );
  // In the order of their ages, which the rows keep.
  for (const row of connection.prepare("SELECT * FROM channel_messages ORDER BY number").iterate()) {
    const { channel, offset, sender, message, stored_at: storedAt, checksum } = row as unknown as MessageRow;
    if (checksumOf(message, channel, offset, sender) !== checksum) throw new DamagedRecord("message of a channel");
    const messages = encode(LogSegment, { messages: [{ sender: fromColumn(sender), message }] });
    insert.run(channel, offset, offset, messages, checksumOf(messages, channel, offset, offset), storedAt);
  }
  connection.exec("DROP TABLE channel_messages");
}
