// Two users of `aldis/signaling`: the channel, a message in it, and a call. Embedded; elsewhere the options are an address.

import { createServer } from "aldis/server";
import { AgoraAPI, AgoraEcode, configure } from "aldis/signaling";

const server = await createServer();
configure({ transport: server.transport() }); // of a server elsewhere: configure({ address: "signaling.example.com:7400" })
const [appId, channelID] = [server.appId, "lobby"];

let finish = (): void => {};
const finished = new Promise<void>((resolve) => {
  finish = resolve;
});

const alice = AgoraAPI.createAgoraSDKInstance(appId); // one instance for each user; an app with one user takes getInstance
alice.onLoginSuccess = () => alice.channelJoin(channelID);
alice.onLoginFailed = (ecode) => console.log(`alice cannot log in: ${ecode}`);
alice.onChannelJoined = () => alice.channelSetAttr(channelID, "topic", "tea");
alice.onChannelAttrUpdated = async (_channelID, name, value, type) => {
  console.log(`the ${name} is ${value} (${type})`);
  bob.login(appId, "bob", await server.issueToken({ userId: "bob" }), 0, "");
};
alice.onChannelUserJoined = (account) => alice.messageChannelSend(channelID, `Welcome, ${account}.`, "");
alice.onMessageChannelReceive = (_channelID, account, _uid, msg) => {
  console.log(`${account} says: ${msg}`); // she hears her own messages too
  alice.channelInviteUser2(channelID, "bob", '{"_timeout":10}');
};
alice.onInviteReceivedByPeer = (_channelID, account) => console.log(`it rings at ${account}'s`);
alice.onInviteAcceptedByPeer = (_channelID, account, _uid, extra) => {
  console.log(`${account} accepts: ${extra}`);
  alice.channelInviteEnd(channelID, account, 0);
};
alice.onInviteFailed = (_channelID, account, _uid, ecode) => console.log(`${account} was not reached: ${ecode}`);

const bob = AgoraAPI.createAgoraSDKInstance(appId);
bob.onLoginSuccess = () => bob.channelJoin(channelID);
bob.onChannelUserList = (accounts) => console.log(`bob meets ${accounts.filter((account) => account !== "bob").join(", ")}`);
bob.onInviteReceived = (_channelID, account) => bob.channelInviteAccept(channelID, account, 0, '{"camera":"on"}');
bob.onInviteEndByPeer = () => bob.logout();
bob.onLogout = (ecode) => {
  console.log(`bob has left: ${ecode === AgoraEcode.LOGOUT_E_USER}`);
  finish();
};

alice.login(appId, "alice", await server.issueToken({ userId: "alice" }), 0, "");
await finished;
alice.destroy();
bob.destroy();
await server.close();
