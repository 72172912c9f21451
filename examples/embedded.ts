import { createClient, DeliveryOutcome } from "aldis";
import { createServer } from "aldis/server";

const server = await createServer();
const login = async (userId: string) => {
  const client = createClient({
    transport: server.transport(),
    appId: server.appId,
    userId,
    token: () => server.issueToken({ userId }),
  });
  await client.login();
  return client;
};

const [alice, bob] = [await login("alice"), await login("bob")];
bob.on("peerMessage", ({ sender, payload }) => console.log(`bob hears from ${sender}: ${payload.text}`));
const { outcome } = await alice.sendToPeer("bob", "hello");
console.log(`it has arrived: ${outcome === DeliveryOutcome.DELIVERED}`); // bob's client has acknowledged it
await Promise.all([alice.close(), bob.close()]);
await server.close();
