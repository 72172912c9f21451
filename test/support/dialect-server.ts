// A real server for tests of the dialects, and what writes down the callbacks of an application in their order.
import { onTestFinished, vi } from "vitest";
import type { ServerOptions, TokenRequest } from "../../src/server/index.js";
import { startTestServer, type TestServer } from "./test-server.js";

/** One callback as the application got it: its name and its arguments. */
export type Told = readonly [name: string, ...args: unknown[]];

/** The callbacks that an application got, in their order. */
export class Recorder {
  readonly told: Told[] = [];

  /** What to give as the callback of this name. */
  callback(name: string): (...args: unknown[]) => void {
    return (...args) => {
      this.told.push([name, ...args]);
    };
  }

  /** The arguments of each call of this name. */
  of(name: string): readonly (readonly unknown[])[] {
    return this.told.filter(([other]) => other === name).map(([, ...args]) => args);
  }

  /** The names, in order. */
  get names(): readonly string[] {
    return this.told.map(([name]) => name);
  }

  /** Waits until the callback of this name came `times` times, and gives the arguments of the last of these. */
  async until(name: string, times = 1): Promise<readonly unknown[]> {
    return await vi.waitFor(
      () => {
        const args = this.of(name)[times - 1];
        if (args === undefined)
          throw new Error(`${name} came ${this.of(name).length} times; told: ${JSON.stringify(this.told)}`);
        return args;
      },
      { timeout: 20_000, interval: 5 },
    );
  }

  clear(): void {
    this.told.length = 0;
  }
}

export interface DialectServer extends TestServer {
  readonly appId: string;
  /** A token of a user, for 24 hours and for all that an ordinary user may do unless something else is asked for. */
  token(userId: string, more?: Omit<TokenRequest, "userId">): Promise<string>;
}

/** Starts a real server on free ports; it is gone when the test is over. */
export async function startDialectServer(config: ServerOptions["config"] = {}): Promise<DialectServer> {
  const test = await startTestServer(config);
  return { ...test, appId: test.server.appId, token: (userId, more) => test.server.issueToken({ ...more, userId }) };
}

/** Ends something when the test is over, before the server goes. */
export function whenFinished(end: () => unknown): void {
  onTestFinished(async () => {
    await end();
  });
}
