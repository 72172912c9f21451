// A program for the Web SDK of RTM, on Aldis. Only the import and the two lines about the server are new.
import AgoraRTM, { type RtmClient } from "aldis/rtm";
import { createServer } from "aldis/server";

// A server in this process. With one elsewhere: AgoraRTM.configure({ address: "signaling.example.com:7400" });
const server = await createServer();
AgoraRTM.configure({ transport: server.transport() });

async function login(uid: string): Promise<RtmClient> {
  const client = AgoraRTM.createInstance(server.appId);
  client.on("ConnectionStateChanged", (newState, reason) => console.log(`${uid} is ${newState}: ${reason}`));
  await client.login({ uid, token: await server.issueToken({ userId: uid }) });
  return client;
}
const alice = await login("alice");
const bob = await login("bob");

// Messages to a peer and to a channel.
bob.on("MessageFromPeer", (message, peerId) => console.log(`bob hears from ${peerId}: ${message.text}`));
const { hasPeerReceived } = await alice.sendMessageToPeer({ text: "Hello, Bob." }, "bob");
console.log(`bob has it: ${hasPeerReceived}`);

const room = bob.createChannel("room");
await room.join();
room.on("MemberJoined", (memberId) => console.log(`${memberId} joined`));
const heard = new Promise<void>((resolve) => {
  room.on("ChannelMessage", (message, memberId) => {
    console.log(`${memberId} says: ${message.text}`);
    resolve();
  });
});
const same = alice.createChannel("room");
await same.join();
await same.sendMessage({ text: "Hello, all." });
await heard;

// A call.
bob.on("RemoteInvitationReceived", (invitation) => {
  invitation.response = "Gladly.";
  invitation.accept();
});
const invitation = alice.createLocalInvitation("bob");
invitation.content = "Shall we talk?";
const answer = new Promise<string>((resolve) => invitation.on("LocalInvitationAccepted", resolve));
invitation.send();
console.log(`bob answers: ${await answer}`);

await alice.logout();
await bob.logout();
await server.close();
