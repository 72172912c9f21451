import { beforeEach, describe, expect, it } from "vitest";
import { ResumeSecrets } from "../../../../src/server/session/resume-secrets.js";
import { createManualRuntime } from "../../../support/manual-runtime.js";

let secrets: ResumeSecrets;

beforeEach(() => {
  secrets = new ResumeSecrets(createManualRuntime());
});

describe("ResumeSecrets", () => {
  it("accept nothing before the first secret", () => {
    expect(secrets.accepts("")).toBe(false);
  });

  it("make secrets of 256 random bits, each different", () => {
    const made = [secrets.issue(), secrets.issue(), secrets.issue()];

    expect(new Set(made).size).toBe(3);
    for (const secret of made) expect(Buffer.from(secret, "base64url")).toHaveLength(32);
  });

  it("accept the latest secret and no other text", () => {
    const secret = secrets.issue();

    expect(secrets.accepts(secret)).toBe(true);
    expect(secrets.accepts(`${secret}x`)).toBe(false);
    expect(secrets.accepts("")).toBe(false);
  });

  it("accept the one before as long as the client has not shown that it has the latest", () => {
    const first = secrets.issue();
    const second = secrets.issue();

    expect(secrets.accepts(first)).toBe(true);
    secrets.confirm();

    expect(secrets.accepts(first)).toBe(false);
    expect(secrets.accepts(second)).toBe(true);
  });

  it("accept the client's secret however often the welcome is lost", () => {
    const first = secrets.issue();
    for (let lost = 0; lost < 3; lost += 1) {
      expect(secrets.accepts(first)).toBe(true);
      secrets.issue();
    }

    expect(secrets.accepts(first)).toBe(true);
  });

  it("accept a secret that came over a link which broke before the client said anything on it", () => {
    const first = secrets.issue();
    secrets.accepts(first);
    const second = secrets.issue();
    secrets.accepts(second);
    secrets.issue(); // The welcome with this one is lost, so the client has the second still.

    expect(secrets.accepts(second)).toBe(true);
    expect(secrets.accepts(first)).toBe(false);
  });

  it("accept a secret no more once a later one was shown", () => {
    const first = secrets.issue();
    const second = secrets.issue();

    secrets.accepts(second);

    expect(secrets.accepts(first)).toBe(false);
  });
});
