import type { Attack } from "./attack.js";
import { compressedBomb } from "./compressed-bomb.js";
import { connectionFlood } from "./connection-flood.js";
import { crowd } from "./crowd.js";
import * as floods from "./floods.js";
import { foreignTokens } from "./foreign-tokens.js";
import { frameFlood } from "./frame-flood.js";
import { headerBomb } from "./header-bomb.js";
import { insideUrls } from "./inside-urls.js";
import { invalidOrder } from "./invalid-order.js";
import { loginRace } from "./login-race.js";
import { malformedMessages } from "./malformed-messages.js";
import { manyStreams } from "./many-streams.js";
import { inboxFlood, manyAttributes, manyChannels, manySubscriptions } from "./many-things.js";
import { mutatedFrames } from "./mutated-frames.js";
import { oddIds } from "./odd-ids.js";
import { prototypeKeys } from "./prototype-keys.js";
import { randomFrames } from "./random-frames.js";
import { requestFlood } from "./request-flood.js";
import { slowLoris } from "./slow-loris.js";
import { stolenSessions } from "./stolen-sessions.js";

/** All attacks. Those that leave something behind, such as sessions that wait to be resumed, come last. */
export const attacks: readonly Attack[] = [
  ...[floods.rapidReset, floods.settingsFlood, floods.pingFlood, floods.emptyDataFlood],
  ...[floods.continuationFlood, floods.windowFlood, headerBomb, compressedBomb, manyStreams, slowLoris],
  ...[connectionFlood, requestFlood, randomFrames, malformedMessages, foreignTokens, invalidOrder],
  ...[frameFlood, mutatedFrames, oddIds, prototypeKeys, stolenSessions, loginRace, insideUrls],
  ...[manySubscriptions, manyAttributes, inboxFlood, manyChannels, crowd],
];
