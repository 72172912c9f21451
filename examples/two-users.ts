import { ConnectionState, createClient } from "aldis";

const [address = "127.0.0.1:7400", aliceToken = "", bobToken = ""] = process.argv.slice(2);
const alice = createClient({ address, appId: "dev", userId: "alice", token: aliceToken });
const bob = createClient({ address, appId: "dev", userId: "bob", token: () => bobToken }); // asked again before it expires
bob.on("stateChanged", ({ state }) =>
  console.log(state === ConnectionState.RECONNECTING ? "bob lost the link" : "bob is fine"),
);
await Promise.all([alice.login(), bob.login()]);

const lobby = bob.channel("lobby");
lobby.on("message", ({ sender, payload, offset }) => console.log(`${sender} says at ${offset}: ${payload.text}`));
lobby.on("gap", ({ firstOffset, lastOffset }) =>
  console.log(`messages ${firstOffset} to ${lastOffset} cannot be had any more`),
);
await lobby.join();

await alice.channel("lobby").join();
await alice.channel("lobby").send("hello, all");
console.log(await alice.queryPresence(["bob", "carol"]));
await Promise.all([alice.close(), bob.close()]);
