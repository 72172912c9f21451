import { PresenceState } from "../../../../../gen/aldis/v1/presence.js";
import { defineScript } from "../script.js";

// A user's session and presence: one hash of the tag of the user. Without "session" the user has none, and what is left keeps epoch
// and version rising until it is forgotten. Each script is atomic, O(1), and takes one round trip.

/** How long the last epoch and version of a user who has gone are kept, in milliseconds. Both go on above the time in microseconds. */
const rememberMs = 86_400_000;

/** Reads the entry. `at` is the number that a change gets: above all that the user had, and not below the time. */
const present = `local session, node, epoch, state, version = unpack(redis.call('HMGET', entry, 'session', 'node', 'epoch', 'state', 'version'))
local at = math.max(tonumber(epoch or 0) + 1, tonumber(version or 0) + 1, nowUs)
`;

/** Makes a session the user's one. Gives its epoch, and the former session, its node and its epoch ("" and 0 for none). */
export const claimUser = defineScript({
  name: "claim a user",
  kind: "change",
  keys: ["entry"],
  args: ["newSession", "newNode"],
  lua: `${present}
redis.call('HSET', entry, 'session', newSession, 'node', newNode, 'epoch', at)
if state ~= '${PresenceState.ONLINE}' then redis.call('HSET', entry, 'state', ${PresenceState.ONLINE}, 'version', at) end
redis.call('PERSIST', entry)
if not session then return {at, 0} end
return {at, 1, session, node, tonumber(epoch)}`,
});

/** Ends the session with an epoch. Gives the version of OFFLINE (0 if there is no such session), its id and its node. */
export const releaseUser = defineScript({
  name: "release a user",
  kind: "change",
  keys: ["entry"],
  args: ["expected"],
  lua: `${present}
if not session or epoch ~= expected then return {0, '', ''} end
redis.call('HDEL', entry, 'session', 'node', 'state')
redis.call('HSET', entry, 'version', at)
redis.call('PEXPIRE', entry, ${rememberMs})
return {at, session, node}`,
});

/** Changes the state of a user whose session has an epoch. Gives the version; 0 if there is no such session. */
export const changePresence = defineScript({
  name: "change a presence",
  kind: "idempotent",
  keys: ["entry"],
  args: ["expected", "newState"],
  lua: `${present}
if not session or epoch ~= expected then return 0 end
if state == newState then return tonumber(version) end
redis.call('HSET', entry, 'state', newState, 'version', at)
return at`,
});

/** The session, its node and its epoch; "", "" and 0 for none. */
export const findSession = defineScript({
  name: "find a session",
  kind: "read",
  keys: ["entry"],
  args: [],
  lua: `${present}
if not session then return {'', '', 0} end
return {session, node, tonumber(epoch)}`,
});

/** State and version. Of a user whom nobody remembers the version is the time: no earlier one was above it. */
export const readPresence = defineScript({
  name: "read a presence",
  kind: "read",
  keys: ["entry"],
  args: [],
  lua: `${present}
return {tonumber(state or ${PresenceState.OFFLINE}), tonumber(version or nowUs - 1)}`,
});
