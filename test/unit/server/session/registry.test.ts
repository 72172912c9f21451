import { describe, expect, it } from "vitest";
import { TokenRights } from "../../../../gen/aldis/v1/admin_service.js";
import { eventEntry } from "../../../../src/server/event-entry.js";
import { Frame } from "../../../../src/server/session/frame.js";
import { Registry } from "../../../../src/server/session/registry.js";
import { Session } from "../../../../src/server/session/session.js";
import { createManualRuntime } from "../../../support/manual-runtime.js";
import { sessionServices } from "../../../support/session-services.js";

const alice = { appId: "app", userId: "alice" };
const silentLink = { address: "", send() {}, end() {}, abort() {} };

function session(id: string, epoch: number, user = alice): Session {
  const identity = { id, user, epoch, capabilities: new Set<never>(), endsAttributes: false, deviceLabel: "", client: "" };
  const token = { issuedAtMs: 0, expiresAtMs: 0, rights: TokenRights.create({}) };
  return new Session(identity, token, sessionServices(createManualRuntime().clock));
}

describe("Registry", () => {
  it("finds a session by its id and by its user, until it is removed", () => {
    const registry = new Registry();
    const only = session("one", 3);
    registry.add(only);

    expect([registry.find("one"), registry.findUser(alice)]).toEqual([only, only]);
    registry.remove(only);

    expect([registry.find("one"), registry.findUser(alice)]).toEqual([undefined, undefined]);
  });

  it("finds the newer session of a user, also after the older one was removed", () => {
    const registry = new Registry();
    const older = session("old", 1);
    registry.add(older);
    registry.add(session("new", 2));

    expect([registry.find("old")?.id, registry.findUser(alice)?.id]).toEqual(["old", "new"]);
    registry.remove(older);

    expect([registry.find("old")?.id, registry.findUser(alice)?.id]).toEqual([undefined, "new"]);
  });

  it("keeps users of different apps apart, also where their ids run into each other: isolation", () => {
    const registry = new Registry();
    registry.add(session("one", 1, { appId: "a", userId: "bc" }));

    expect(registry.findUser({ appId: "ab", userId: "c" })).toBeUndefined();
  });

  it("counts its sessions, those with a link, and the bytes that wait", () => {
    const registry = new Registry();
    const [first, second] = [session("one", 1), session("two", 1, { appId: "app", userId: "bob" })];
    const entry = eventEntry({ $case: "memberJoined", value: { channel: "room", userId: "carol" } }, "members");
    registry.add(first);
    registry.add(second);
    first.attach(silentLink, new Frame([new Uint8Array(1)]), 0);
    second.push(entry);
    second.push(entry);

    expect([registry.sessions(), registry.attachedSessions(), registry.queuedBytes()]).toEqual([2, 1, 2 * entry.bytes.length]);
    expect([...registry]).toEqual([first, second]);
  });
});
