import { PresenceState } from "../../gen/aldis/v1/presence.js";
import type { Engine } from "../../src/server/engine/engine.js";
import type { AttributeOwner } from "../../src/server/engine/ports/attribute-store.js";
import { testApp } from "../support/test-node.js";
import { valuesOf } from "./attribute-views.js";
import type { AttributeState } from "./journal.js";
import type { Scene } from "./scene.js";

const appId = testApp;

/** Notes what each connected client believes of attributes and presences, and how they are. */
export async function noteBeliefs({ engine: { present: engine }, clients, users, channels, journal }: Scene): Promise<void> {
  for (const { name, user, attributes, presences, isConnected, joinedChannels } of clients) {
    if (!isConnected) continue;
    const members = joinedChannels.map((channel) => ({ channel, users: [user] }));
    const believed = [...presences.values()].map(({ userId, state }) => ({ userId, state }));
    journal.note(name, { kind: "believes", members, attributes: attributes.states(), presences: believed });
  }
  if (engine === undefined) return;
  const ofUsers = await Promise.all(users.map((userId) => stateOf(engine, { kind: "user", key: { appId, userId } })));
  const ofChannels = await Promise.all(channels.map((id) => stateOf(engine, { kind: "channel", key: { appId, channel: id } })));
  const records = await engine.sessions.presence(users.map((userId) => ({ appId, userId })));
  const presences = records.map(({ state }, i) => ({ userId: users[i] ?? "", state }));
  const passing = new Set(clients.filter(({ endsAttributes }) => endsAttributes).map(({ user }) => user));
  const gone = presences.filter(({ userId, state }) => state === PresenceState.OFFLINE && passing.has(userId));
  const counts = await engine.channels.counts(channels.map((channel) => ({ appId, channel })));
  const empty = ofChannels.filter(({ values }, i) => counts[i] === 0 && values.has("_channel_ttl"));
  const ended = [...gone.map(({ userId }) => `user ${userId}`), ...empty.map(({ owner }) => owner)];
  const members = await Promise.all(channels.map((channel) => membersOf(engine, channel)));
  journal.note("server", { kind: "believes", members, attributes: [...ofUsers, ...ofChannels], presences, ended });
}

async function membersOf(engine: Engine, channel: string) {
  const choice = { order: "earliest", skip: 0, limit: Number.POSITIVE_INFINITY } as const;
  const { users } = await engine.channels.members({ appId, channel }, choice);
  return { channel, users };
}

async function stateOf(engine: Engine, owner: AttributeOwner): Promise<AttributeState> {
  const { revision, attributes } = await engine.attributes.read(owner);
  const id = owner.kind === "user" ? owner.key.userId : owner.key.channel;
  return { owner: `${owner.kind} ${id}`, revision, values: valuesOf(attributes) };
}
