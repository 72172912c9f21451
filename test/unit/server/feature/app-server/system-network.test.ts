import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { systemAppServerNetwork } from "../../../../../src/server/feature/app-server/system-network.js";

it("a post goes to the addresses that it is given, whatever the name of the host says", async () => {
  const hosts: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    hosts.push(request.headers.host);
    response.end("received");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const url = new URL(`http://there-is-no-such-host.invalid:${(server.address() as AddressInfo).port}/`);
  const { signal } = new AbortController();

  const reply = await systemAppServerNetwork.post({
    url,
    addresses: ["127.0.0.1"],
    body: "{}",
    signal,
    maxReplyBytes: 8,
  });

  expect(reply).toEqual({ status: 200, body: Buffer.from("received") });
  expect(hosts).toEqual([url.host]);
});

it("an address is its own host", async () => {
  expect(await systemAppServerNetwork.resolve("127.0.0.1")).toEqual(["127.0.0.1"]);
  expect(await systemAppServerNetwork.resolve("::1")).toEqual(["::1"]);
});
