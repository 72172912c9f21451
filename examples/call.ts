// Alice calls Bob in the embedded mode: it rings, he accepts, she hangs up.
import { createClient } from "aldis";
import { createServer } from "aldis/server";

const server = await createServer();
const login = async (userId: string) => {
  const transport = server.transport();
  const client = createClient({ transport, appId: server.appId, userId, token: () => server.issueToken({ userId }) });
  await client.login();
  return client;
};
const [alice, bob] = [await login("alice"), await login("bob")];

// README:begin
bob.on("invitation", (call) => {
  console.log(`${call.caller} calls: ${call.content}`);
  call.accept("Gladly.").catch(console.error); // or call.refuse("Not now.")
});

const call = alice.invitations.invite("bob", { channel: "room-7", content: "Shall we talk?", answerTimeoutMs: 20_000 });
call.on("received", () => console.log("it rings"));
await call.send();
const outcome = await call.outcome; // "accepted", "refused", "cancelled" or "failed"
if (outcome.kind === "accepted") {
  console.log(`bob says: ${outcome.response}`);
  await call.end("Bye.");
}
// README:end
await Promise.all([alice.close(), bob.close()]);
await server.close();
