/**
 * The most messages of a segment, and their bytes without what stands around them: whoever reads one message of it reads all. A larger
 * message is alone.
 */
export const segmentMax = { messages: 512, bytes: 65_536 };
