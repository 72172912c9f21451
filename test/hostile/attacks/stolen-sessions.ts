import { Resume, SessionStart } from "../../../gen/aldis/v1/session.js";
import { join } from "../../support/requests.js";
import type { Target } from "../target.js";
import { GrpcConnection, type GrpcStream, logIn } from "../wire/grpc-connection.js";
import { type Attack, repeat } from "./attack.js";

/** The id and the secret of somebody's session, replayed by others or too late. */
export const stolenSessions: Attack = {
  name: "stolen-sessions",
  about: "sessions of others, with ids and secrets that were replayed, swapped or guessed",
  run: (target) =>
    repeat(target, 2, async () => {
      const [victim, thief] = [await logIn(target), await logIn(target)];
      if (victim !== undefined && thief !== undefined) {
        const own = welcomeOf(thief.stream);
        const { sessionId, resumeToken } = welcomeOf(victim.stream);
        const tries = [
          { sessionId, resumeToken },
          { sessionId, resumeToken: own.resumeToken },
          { sessionId, resumeToken: "" },
          { sessionId, resumeToken: "A".repeat(resumeToken.length) },
        ];
        for (const resume of tries) {
          const again = await logIn(target, thief.userId, { resume: Resume.create(resume) });
          if (again !== undefined && welcomeOf(again.stream).start === SessionStart.RESUMED) {
            target.tally.breach("a session of another user was resumed");
          }
          again?.connection.leave();
        }
        await logOutAs(target, thief.userId, sessionId);
        if (victim.stream.over) target.tally.breach("a thief ended the session of the victim");
        else await victim.stream.ask(join("still-here"));
      }
      victim?.connection.leave();
      thief?.connection.leave();
    }),
};

function welcomeOf(stream: GrpcStream) {
  const { sessionId, resumeToken, start } = stream.control("welcome")?.value ?? {};
  return { sessionId: sessionId ?? "", resumeToken: resumeToken ?? "", start };
}

/** A unary logout of the victim's session with the thief's token. */
async function logOutAs(target: Target, userId: string, sessionId: string): Promise<void> {
  const connection = new GrpcConnection(target);
  const headers = { authorization: `Bearer ${await target.token(userId)}`, "aldis-session-id": sessionId };
  const stream = connection.stream("/aldis.v1.RealtimeService/Logout", headers);
  stream?.send(new Uint8Array(0));
  stream?.end();
  await stream?.ended();
  if (stream?.status === 0) target.tally.breach("a user logged out the session of another one");
  connection.leave();
}
