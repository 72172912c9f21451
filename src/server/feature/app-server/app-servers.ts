import type { SendAppServerMessageRequest, SendAppServerMessageResponse } from "../../../../gen/aldis/v1/app_server.js";
import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import type { Limits } from "../../../../gen/aldis/v1/tables/limits.js";
import type { Clock } from "../../runtime.js";
import type { Handlers } from "../call-context.js";
import type { LiveSession } from "../live-session.js";
import { Refusal, refuse, refuseOver } from "../refusal.js";
import { refuseToWrite } from "../rights.js";
import { within } from "../within.js";
import type { AppServerNetwork, AppServerReply } from "./network.js";
import type { AppServerRules } from "./rules.js";

/** How many messages may wait for an answer at once, on this node and of one session. */
const openMax = 256;
const openPerSessionMax = 32;

interface AppServer {
  readonly url: URL;
  /** A secret: it goes to the application server, and nowhere else. */
  readonly signature: string;
}

/** Takes messages of sessions to the application servers that they name, as far as the operator allows. */
export class AppServers {
  readonly handlers: Pick<Handlers, "setAppServer" | "sendAppServerMessage"> = {
    setAppServer: async ({ session }, { url, signature }) => this.set(session, url, signature),
    sendAppServerMessage: async ({ session, rights }, { content }) =>
      refuseToWrite(rights) ?? this.refuseBusy(session) ?? this.send(session, content),
  };
  private readonly servers = new WeakMap<LiveSession, AppServer>();
  private readonly openOf = new Map<LiveSession, number>();
  private open = 0;

  constructor(
    private readonly network: AppServerNetwork,
    private readonly rules: AppServerRules,
    private readonly clock: Clock,
    private readonly limits: Limits,
    /** Hears how many messages wait for an answer. */
    private readonly onOpen: (messages: number) => void,
  ) {}

  private set(session: LiveSession, text: string, signature: string) {
    if (text === "") {
      this.servers.delete(session);
      return {};
    }
    const url = this.rules.read(text);
    if (url instanceof Refusal) return url;
    this.servers.set(session, { url, signature });
    return {};
  }

  private refuseBusy(session: LiveSession): Refusal | undefined {
    if (this.open < openMax && (this.openOf.get(session) ?? 0) < openPerSessionMax) return undefined;
    return refuse(ErrorCode.RESOURCE_EXHAUSTED, "too many messages wait for application servers; try again later");
  }

  private async send(session: LiveSession, content: SendAppServerMessageRequest["content"]) {
    const server = this.servers.get(session);
    if (server === undefined) {
      return refuse(ErrorCode.APP_SERVER_NOT_SET, "the session has no application server; set its address first");
    }
    this.count(session, 1);
    const abort = new AbortController();
    const exchange = this.exchange(server, bodyOf(content, server.signature), abort.signal);
    try {
      const answer = await within(this.clock, this.limits.appServerTimeoutMs, exchange);
      return answer ?? refuseOver(unreachable, this.limits, "appServerTimeoutMs", "the application server took too long");
    } finally {
      abort.abort();
      this.count(session, -1);
    }
  }

  /** One attempt: a name is looked up once, and the connection goes to the addresses that were checked. */
  private async exchange({ url }: AppServer, body: string, signal: AbortSignal) {
    try {
      const addresses = await this.network.resolve(url.hostname.replace(/^\[|\]$/g, ""));
      signal.throwIfAborted();
      if (!addresses.every((address) => this.rules.allows(address))) {
        const message = `the host "${url.host}" is at an address that the operator does not allow`;
        return refuse(ErrorCode.APP_SERVER_NOT_ALLOWED, message);
      }
      return this.answerOf(
        await this.network.post({ url, addresses, body, signal, maxReplyBytes: this.limits.appServerBytes }),
      );
    } catch (failure) {
      return refuse(unreachable, `the application server did not answer: ${reasonOf(failure)}`);
    }
  }

  private answerOf({ status, body }: AppServerReply): SendAppServerMessageResponse | Refusal {
    const code = ErrorCode.APP_SERVER_BAD_REPLY;
    if (status !== 200) return refuse(code, `the application server answered with status ${status}; it must be 200`);
    if (body === undefined) {
      return refuseOver(code, this.limits, "appServerBytes", "the application server's answer is too long");
    }
    return { reply: body };
  }

  private count(session: LiveSession, change: 1 | -1): void {
    const ofSession = (this.openOf.get(session) ?? 0) + change;
    if (ofSession === 0) this.openOf.delete(session);
    else this.openOf.set(session, ofSession);
    this.open += change;
    this.onOpen(this.open);
  }
}

const unreachable = ErrorCode.APP_SERVER_UNREACHABLE;

/** What is posted, as JSON. */
function bodyOf(content: SendAppServerMessageRequest["content"], signature: string): string {
  const binary = content?.$case === "binary";
  const message = binary ? Buffer.from(content.value).toString("base64") : (content?.value ?? "");
  return JSON.stringify({ message, binary, signature });
}

/** The code of a failure, such as "ECONNREFUSED": its message would show addresses. */
function reasonOf(failure: unknown): string {
  const code = failure instanceof Error && "code" in failure ? failure.code : undefined;
  return typeof code === "string" ? code : "the connection failed";
}
