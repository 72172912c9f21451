// Two engines of `aldis/rts`: a room, a message to it, and an answer to one user. Embedded; elsewhere the parameters are an address.
import { LoginErrorCode, RTS, type RTSDelegate } from "aldis/rts";
import { createServer } from "aldis/server";

const server = await createServer();
const parameters = { transport: server.transport() }; // of a server elsewhere: { address: "rts.example.com:7400" }
const tokens = { alice: await server.issueToken({ userId: "alice" }), bob: await server.issueToken({ userId: "bob" }) };

const createEngine = (delegate: RTSDelegate): RTS => {
  const rts = RTS.createRTS(server.appId, delegate, parameters);
  if (rts === null) throw new Error("The app id is empty.");
  return rts;
};

let finish = (): void => {};
const finished = new Promise<void>((resolve) => {
  finish = resolve;
});

const alice = createEngine({
  onLoginResult: (uid, errorCode) => {
    console.log(`${uid} logs in: ${errorCode === LoginErrorCode.Success}`);
    alicesRoom?.joinRoom();
  },
  onMessageReceived: (uid, message) => console.log(`alice hears from ${uid}: ${message}`),
});
const alicesRoom = alice.createRoom("lobby");
alicesRoom?.setRTSRoomDelegate({
  onRoomStateChanged: (_roomId, _uid, state) => {
    if (state === 0) bob.login(tokens.bob, "bob");
  },
  onUserJoined: (uid) => alicesRoom.sendRoomMessage(`Welcome, ${uid}.`),
  onRoomMessageSendResult: (msgid, error) => console.log(`message ${msgid} to the room: ${error}`), // 200
});

const bob = createEngine({
  onLoginResult: () => bobsRoom?.joinRoom(),
  onMessageSendResult: (msgid, error) => {
    console.log(`message ${msgid} to alice: ${error}`); // 0
    finish();
  },
});
const bobsRoom = bob.createRoom("lobby");
bobsRoom?.setRTSRoomDelegate({
  onRoomMessageReceived: (uid, message) => {
    console.log(`bob hears from ${uid}: ${message}`);
    bob.sendMessage(uid, "Thank you.");
  },
});

alice.login(tokens.alice, "alice");
await finished;
alice.destroyRTS();
bob.destroyRTS();
await server.close();
