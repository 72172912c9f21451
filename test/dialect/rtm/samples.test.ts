// Applications as they were written for the Web SDK compile and run. What differs is the import, and the address given once.
import AgoraRTM from "aldis/rtm";
import { afterEach, expect, it, vi } from "vitest";
import { type DialectServer, startDialectServer, whenFinished } from "../../support/dialect-server.js";
import { ChatClient } from "./samples/chat.js";
import { Classroom } from "./samples/classroom.js";
import { CallCenter } from "./samples/video-call.js";

async function startServer(): Promise<DialectServer> {
  const server = await startDialectServer();
  AgoraRTM.configure({ address: server.address });
  return server;
}

afterEach(() => AgoraRTM.configure({}));

it("R-T06 R-T07 a chat that passes all events on", async () => {
  const server = await startServer();
  const [ann, bob] = [new ChatClient(server.appId), new ChatClient(server.appId)];
  whenFinished(() => Promise.all([ann.logout(), bob.logout()]));
  const heard: unknown[] = [];
  bob.on("MessageFromPeer", ({ text }, peerId) => heard.push([peerId, text]));
  bob.on("ChannelMessage", ({ channelName, args: [{ text }, memberId] }) => heard.push([channelName, memberId, text]));
  await ann.login("ann", await server.token("ann"));
  await bob.login("bob", await server.token("bob"));

  expect(await ann.sendPeerMessage("hello", "bob")).toBe(true);
  await ann.joinChannel("room");
  await bob.joinChannel("room");
  await ann.sendChannelMessage("hello, all", "room");
  await vi.waitFor(() => expect(heard).toHaveLength(2));
  await ann.leaveChannel("room");

  expect(heard).toEqual([
    ["ann", "hello"],
    ["room", "ann", "hello, all"],
  ]);
  expect(await ann.sendPeerMessage("hello", "carol")).toBe(false);
});

it("R-T04 R-T05 R-T08 a video call with invitations as objects", async () => {
  const server = await startServer();
  const [ann, bob] = [new CallCenter(server.appId), new CallCenter(server.appId)];
  whenFinished(() => Promise.all([ann.client.release(), bob.client.release()]));
  await ann.client.login({ uid: "ann", token: await server.token("ann") });

  await ann.call("bob", { Mode: 0, ChanId: "room" });
  await bob.client.login({ uid: "bob", token: await server.token("bob") });
  await ann.call("bob", { Mode: 1, ChanId: "room" });
  await vi.waitFor(() => expect([ann.status, bob.status]).toEqual(["meeting", "meeting"]), { timeout: 5_000 });
  await ann.call("bob", { Mode: 1, ChanId: "room" });
  await vi.waitFor(() => expect(ann.diary).toHaveLength(3), { timeout: 5_000 });

  expect(ann.diary).toEqual(["bob is not online", '{"Mode":1}', "busy"]);
});

it("R-T02 R-T09 R-T10 a classroom that adds its listeners after the login and the join", async () => {
  const server = await startServer();
  const [teacher, pupil] = [new Classroom(server.appId), new Classroom(server.appId)];
  await teacher.enter("teacher", await server.token("teacher"), "class");
  await pupil.enter("pupil", await server.token("pupil"), "class");

  expect(await pupil.say("good morning")).toBe("said");
  await teacher.lesson("tea");
  expect(await teacher.whisper("sit down", "pupil")).toBe(true);
  expect(await teacher.nameOf("pupil")).toBe("PUPIL");
  await vi.waitFor(
    () => {
      expect(pupil.attributes.topic?.value).toBe("tea");
      expect([teacher.memberCount, pupil.memberCount]).toEqual([2, 2]);
      expect(teacher.lines).toHaveLength(1);
      expect(pupil.lines).toHaveLength(1);
    },
    { timeout: 10_000 },
  );
  await pupil.leave();
  await vi.waitFor(() => expect([...teacher.members]).toEqual(["teacher"]), { timeout: 5_000 });
  expect(await pupil.say("good bye")).toBe("not said: 102");
  await teacher.leave();

  expect(teacher.lines).toEqual(["pupil: good morning"]);
  expect(pupil.lines).toEqual(["teacher privately: sit down"]);
});
