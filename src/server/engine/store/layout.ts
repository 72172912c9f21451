// The sizes of what SQLite writes, in bytes and pages.

export const pageBytes = 4096;

/** The pages in the log of changes after which SQLite brings them into the database and begins the log anew. */
export const checkpointPages = 4000;

const [headerBytes, frameHeaderBytes] = [32, 24];

/** The bytes that the log of changes comes to have before it is begun anew. */
export const fullLogBytes = headerBytes + checkpointPages * (pageBytes + frameHeaderBytes);
