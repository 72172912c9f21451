// What operators see of calls and messages.
import { expect, it } from "vitest";
import { noTracer, type TracedWork } from "../../src/server/observe/tracer.js";
import { toPeer } from "../support/requests.js";
import { startTestNode } from "../support/test-node.js";

it("calls and deliveries are traced and measured, with their outcomes, until the receiver has acknowledged", async () => {
  const works: TracedWork[] = [];
  const { node, login, ask, runtime } = await startTestNode(
    {},
    { tracer: { ...noTracer, record: (work) => works.push(work) } },
  );
  const [alice, bob] = [await login("alice"), await login("bob")];

  await ask(alice, toPeer("bob", "hello"));
  await runtime.advanceAsync(250);
  bob.acknowledge();
  await runtime.settle();
  await ask(alice, toPeer("nobody", "hello"));

  expect(works).toMatchObject([
    { name: "Login", outcome: "OK" },
    { name: "Login", outcome: "OK" },
    { name: "deliver a peer message", outcome: "ACKNOWLEDGED", ms: 250 },
    { name: "SendPeerMessage", outcome: "OK", ms: 250 },
    { name: "SendPeerMessage", outcome: "PEER_UNREACHABLE" },
  ]);
  const { text } = await node.metrics.text();
  expect(text).toContain('aldis_delivery_seconds_bucket{le="0.1",outcome="ACKNOWLEDGED"} 0');
  expect(text).toContain('aldis_delivery_seconds_bucket{le="0.5",outcome="ACKNOWLEDGED"} 1');
});

it("logins are counted by how they begin, and by why they are refused", async () => {
  const { node, login, resume } = await startTestNode();

  const alice = await login("alice");
  await resume(alice, "alice");
  await login("bob", { token: "no token" });
  await login("bob", { appId: "another" });

  const { text } = await node.metrics.text();
  const counts = Object.fromEntries(
    [...text.matchAll(/^aldis_logins_total\{outcome="(\w+)"\} (\d+)$/gm)].map(([, key, n]) => [key, n]),
  );
  expect(counts).toEqual({ NEW: "1", RESUMED: "1", INVALID_TOKEN: "1", INVALID_APP_ID: "1" });
});
