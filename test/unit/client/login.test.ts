import { describe, expect, it } from "vitest";
import { ConnectionState, GoodbyeReason } from "../../../gen/aldis/v1/connection.js";
import { ErrorCode } from "../../../gen/aldis/v1/error.js";
import { codeOf, createConnectedClient, createScriptedClient } from "../../support/scripted-client.js";

describe("login", () => {
  it("says who is there, and succeeds with the welcome", async () => {
    const { client, server, clock, transitions } = createScriptedClient({ deviceLabel: "phone", maxBatchDelayMs: 0 });

    const login = client.login();
    await clock.advance(1);
    server.stream.welcome();
    await login;

    expect(server.stream.hello).toMatchObject({ appId: "app", userId: "ann", token: "token-1", deviceLabel: "phone" });
    expect(server.stream.hello).toMatchObject({ maxBatchDelayMs: 0, resume: undefined });
    expect(transitions).toEqual(["CONNECTING/LOGIN", "CONNECTED/LOGIN_SUCCESS"]);
    expect(client.sessionId).toBe("session-1");
  });

  it("fails with the error of a refusal, and asks no more", async () => {
    const { client, server, clock, transitions } = createScriptedClient();

    const login = codeOf(client.login());
    await clock.advance(1);
    server.stream.goodbye(GoodbyeReason.LOGIN_REFUSED, { error: { code: ErrorCode.RATE_LIMITED, message: "Wait." } });
    await clock.advance(60_000);

    expect(await login).toBe("RATE_LIMITED");
    expect(transitions).toEqual(["CONNECTING/LOGIN", "DISCONNECTED/LOGIN_FAILURE"]);
    expect(server.streams).toHaveLength(1);
    expect(clock.plannedTasks).toBe(0);
  });

  it.each([
    [GoodbyeReason.BANNED_BY_SERVER, "USER_BANNED"],
    [GoodbyeReason.TOKEN_EXPIRED, "TOKEN_EXPIRED"],
    [GoodbyeReason.REMOTE_LOGIN, "REJECTED_BY_SERVER"],
  ])("fails when the server says goodbye for the reason %s", async (reason, code) => {
    const { client, server, clock } = createScriptedClient();

    const login = codeOf(client.login());
    await clock.advance(1);
    server.stream.goodbye(reason);

    expect(await login).toBe(code);
    expect(client.state).toBe(ConnectionState.DISCONNECTED);
  });

  it("tries again after a failure of the link, within its time-out", async () => {
    const { client, server, clock } = createScriptedClient();

    const login = client.login();
    await clock.advance(1);
    server.stream.drop();
    await clock.advance(500);
    server.stream.welcome();
    await login;

    expect(server.streams).toHaveLength(2);
  });

  it("times out with the last problem when no welcome comes", async () => {
    const { client, server, clock, transitions } = createScriptedClient({ loginTimeoutMs: 3_000 });

    const login = client.login();
    login.catch(() => {});
    await clock.advance(1);
    server.stream.drop({ message: "Nobody listens." });
    await clock.advance(3_000);

    await expect(login).rejects.toMatchObject({ codeName: "TIMEOUT", message: expect.stringContaining("Nobody listens.") });
    expect(transitions.at(-1)).toBe("DISCONNECTED/LOGIN_TIMEOUT");
    expect(server.stream.closed).toBe(true);
    expect(clock.plannedTasks).toBe(0);
  });

  it("makes no more tries than it may, and fails as the last one did", async () => {
    const { client, server, clock, transitions } = createScriptedClient();

    const login = codeOf(client.login({ maxTries: 2, timeoutMs: 60_000 }));
    for (const message of ["One.", "Two."]) {
      await clock.advance(1_000);
      server.stream.drop({ message });
    }
    await clock.advance(30_000);

    expect(await login).toBe("UNAVAILABLE");
    expect(server.streams).toHaveLength(2);
    expect(transitions.at(-1)).toBe("DISCONNECTED/LOGIN_FAILURE");
  });

  it("takes its own time-out instead of the client's", async () => {
    const { client, clock } = createScriptedClient({ loginTimeoutMs: 3_000 });

    const login = codeOf(client.login({ timeoutMs: 4_000 }));
    await clock.advance(3_500);
    expect(client.state).toBe(ConnectionState.CONNECTING);
    await clock.advance(500);

    expect(await login).toBe("TIMEOUT");
  });

  it("fails at once when the transport says that the server refuses", async () => {
    const { client, server, clock } = createScriptedClient();

    const login = codeOf(client.login());
    await clock.advance(1);
    server.stream.drop({ message: "Who are you?", code: ErrorCode.INVALID_TOKEN });

    expect(await login).toBe("INVALID_TOKEN");
  });

  it("fails when the token source fails", async () => {
    const token = () => Promise.reject(new Error("The shop is closed."));
    const { client, clock } = createScriptedClient({ token });

    const login = client.login();
    login.catch(() => {});
    await clock.advance(1);

    await expect(login).rejects.toMatchObject({ codeName: "INVALID_TOKEN", message: expect.stringContaining("shop") });
  });

  it("is given up by its signal", async () => {
    const { client, server, clock, transitions } = createScriptedClient();
    const controller = new AbortController();

    const login = codeOf(client.login({ signal: controller.signal }));
    await clock.advance(1);
    controller.abort();

    expect(await login).toBe("CANCELED");
    expect(transitions.at(-1)).toBe("DISCONNECTED/LOGOUT");
    expect(server.stream.closed).toBe(true);
  });

  it("does not begin with a raised signal", async () => {
    const { client, server, clock } = createScriptedClient();

    expect(await codeOf(client.login({ signal: AbortSignal.abort() }))).toBe("CANCELED");
    await clock.advance(1);

    expect(server.streams).toHaveLength(0);
  });

  it("is refused while another one is under way or done", async () => {
    const { client, server, clock } = createScriptedClient();

    const first = client.login();
    const second = codeOf(client.login());
    await clock.advance(1);
    server.stream.welcome();
    await first;

    expect(await second).toBe("ALREADY_LOGGED_IN");
    expect(await codeOf(client.login())).toBe("ALREADY_LOGGED_IN");
  });

  it("may be asked for from inside the news of a failed one", async () => {
    const { client, server, clock } = createScriptedClient();
    const again: Promise<void>[] = [];
    client.on("stateChanged", ({ state }) => {
      if (state === ConnectionState.DISCONNECTED && again.length === 0) again.push(client.login());
    });

    const first = codeOf(client.login());
    await clock.advance(1);
    server.stream.goodbye(GoodbyeReason.LOGIN_REFUSED, { error: { code: ErrorCode.INTERNAL } });
    await clock.advance(1);
    server.stream.welcome();

    expect(await first).toBe("INTERNAL");
    await Promise.all(again);
    expect(client.state).toBe(ConnectionState.CONNECTED);
  });
});

describe("logout", () => {
  it("asks the server, and is done when it says goodbye", async () => {
    const { client, server, transitions } = await createConnectedClient();

    const logout = client.logout();
    const stateBefore = client.state;
    server.stream.answer("logout");
    server.stream.goodbye(GoodbyeReason.LOGOUT);
    await logout;

    expect(stateBefore).toBe(ConnectionState.CONNECTED);
    expect(transitions.at(-1)).toBe("DISCONNECTED/LOGOUT");
    expect(client.sessionId).toBeUndefined();
  });

  it("waits 2 seconds for the server at most", async () => {
    const { client, server, clock } = await createConnectedClient();
    let done = false;

    void client.logout().then(() => {
      done = true;
    });
    await clock.advance(1_999);
    const doneBefore = done;
    await clock.advance(1);

    expect([doneBefore, done]).toEqual([false, true]);
    expect(server.stream.closed).toBe(true);
    expect(clock.plannedTasks).toBe(0);
  });

  it("is done at once when the link breaks, and does not come back", async () => {
    const { client, server, clock, transitions } = await createConnectedClient();

    const logout = client.logout();
    server.stream.drop();
    await logout;
    await clock.advance(60_000);

    expect(transitions.at(-1)).toBe("DISCONNECTED/LOGOUT");
    expect(server.streams).toHaveLength(1);
  });

  it("gives a login under way up", async () => {
    const { client } = createScriptedClient();

    const login = codeOf(client.login());
    await client.logout();

    expect(await login).toBe("CANCELED");
    expect(client.state).toBe(ConnectionState.DISCONNECTED);
  });

  it("is done at once without a login", async () => {
    const { client, transitions } = createScriptedClient();

    await client.logout();

    expect(transitions).toEqual([]);
  });

  it("is done even if a listener logs in again at once", async () => {
    const { client, server } = await createConnectedClient();
    client.on("stateChanged", ({ state }) => {
      if (state === ConnectionState.DISCONNECTED) void client.login().catch(() => {});
    });

    const logout = client.logout();
    server.stream.goodbye(GoodbyeReason.LOGOUT);
    await logout;

    expect(client.state).toBe(ConnectionState.CONNECTING);
  });

  it("refuses calls while the server is asked", async () => {
    const { client } = await createConnectedClient();

    void client.logout();

    expect(await codeOf(client.queryPresence(["bob"]))).toBe("NOT_LOGGED_IN");
  });

  it("begins a new session with the next login", async () => {
    const { client, server, clock } = await createConnectedClient();
    const logout = client.logout();
    server.stream.goodbye(GoodbyeReason.LOGOUT);
    await logout;

    void client.login();
    await clock.advance(1);

    expect(server.stream.hello.resume).toBeUndefined();
  });
});

describe("close", () => {
  it("logs out, and fails everything from then on", async () => {
    const { client, server, clock } = await createConnectedClient();

    const closed = client.close();
    server.stream.goodbye(GoodbyeReason.LOGOUT);
    await closed;

    expect(await codeOf(client.login())).toBe("NOT_INITIALIZED");
    expect(await codeOf(client.queryPresence(["bob"]))).toBe("NOT_INITIALIZED");
    expect(await codeOf(client.channel("room").join())).toBe("NOT_INITIALIZED");
    expect(clock.plannedTasks).toBe(0);
  });

  it("fails the calls that wait for an answer", async () => {
    const { client, server } = await createConnectedClient();
    const query = codeOf(client.queryPresence(["bob"]));

    const closed = client.close();
    server.stream.goodbye(GoodbyeReason.LOGOUT);
    await closed;

    expect(await query).toBe("NOT_CONNECTED");
  });
});
