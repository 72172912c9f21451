import { describe, expect, it } from "vitest";
import { SessionStart } from "../../gen/aldis/v1/session.js";
import { startTestNode } from "../support/test-node.js";

const { RESUMED, EXPIRED } = SessionStart;

describe("the secret of a resume", () => {
  it("another one than the session's gives a new session", async () => {
    const { login, resume } = await startTestNode();
    const alice = await login("alice");

    const again = await resume(alice, "alice", { resumeToken: "guessed" });

    expect(again.welcome.start).toBe(EXPIRED);
    expect(again.welcome.sessionId).not.toBe(alice.welcome.sessionId);
  });

  it("works no more once the client has said something on the new stream", async () => {
    const { login, resume } = await startTestNode();
    const first = await login("alice");
    first.cut();
    const second = await resume(first, "alice");
    second.ping();
    second.cut();

    const replayed = await resume(first, "alice");

    expect(second.welcome.start).toBe(RESUMED);
    expect(second.welcome.resumeToken).not.toBe(first.welcome.resumeToken);
    expect(replayed.welcome.start).toBe(EXPIRED);
  });

  it("works again if the welcome that replaces it was lost", async () => {
    const { login, resume } = await startTestNode();
    const first = await login("alice");
    first.cut();
    (await resume(first, "alice")).cut();
    (await resume(first, "alice")).cut();

    const last = await resume(first, "alice");

    expect(last.welcome.start).toBe(RESUMED);
  });

  it("of the latest welcome that arrived works, whichever welcomes were lost", async () => {
    const { login, resume } = await startTestNode();
    const first = await login("alice");
    first.cut();
    const second = await resume(first, "alice");
    second.cut();
    (await resume(second, "alice")).cut();

    const last = await resume(second, "alice");

    expect(last.welcome.start).toBe(RESUMED);
  });

  it("before the one that the client has shown works no more", async () => {
    const { login, resume } = await startTestNode();
    const first = await login("alice");
    first.cut();
    const second = await resume(first, "alice");
    second.cut();
    await resume(second, "alice");

    const replayed = await resume(first, "alice");

    expect(replayed.welcome.start).toBe(EXPIRED);
  });
});

describe("a resume that cannot be", () => {
  it("of another user's session, with its secret, gives a new session and leaves the other alone", async () => {
    const { login, resume } = await startTestNode();
    const alice = await login("alice");

    const mallory = await resume(alice, "mallory");

    expect(mallory.welcome.start).toBe(EXPIRED);
    expect(mallory.welcome.sessionId).not.toBe(alice.welcome.sessionId);
    expect(alice.closed).toBe(false);
  });

  it.each([
    ["more events than were sent", { eventsReceived: 1 }],
    ["more results than were sent", { resultsReceived: 1 }],
    ["an impossible number", { eventsReceived: Number.MAX_SAFE_INTEGER }],
  ])("claims %s: gives a new session", async (_, counts) => {
    const { login, resume } = await startTestNode();
    const alice = await login("alice");

    const again = await resume(alice, "alice", counts);

    expect(again.welcome.start).toBe(EXPIRED);
  });

  it("claims less than was acknowledged: gives a new session", async () => {
    const { login, resume, ask } = await startTestNode();
    const alice = await login("alice");
    await ask(alice, { $case: "queryPresence", value: { userIds: ["alice"] } });
    alice.acknowledge();

    const again = await resume(alice, "alice", { resultsReceived: 0 });

    expect(again.welcome.start).toBe(EXPIRED);
  });

  it("does not count as a login when it succeeds, and does when it fails", async () => {
    const { login, resume } = await startTestNode();
    let alice = await login("alice");
    for (let times = 0; times < 5; times += 1) alice = await resume(alice, "alice");
    expect(alice.welcome.start).toBe(RESUMED);

    const second = await resume(alice, "alice", { resumeToken: "guessed" });
    const third = await resume(second, "alice", { resumeToken: "guessed" });

    expect(second.welcome.start).toBe(EXPIRED);
    expect(third.goodbye?.error).toMatchObject({ limit: "LIMIT_LOGINS" });
  });
});
