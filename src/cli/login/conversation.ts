import { DeliveryOutcome } from "../../../gen/aldis/v1/message.js";
import { PresenceState } from "../../../gen/aldis/v1/presence.js";
import type { AldisClient } from "../../client/client.js";
import { AldisError, messageOf } from "../../client/error.js";
import { escapeControls } from "../escape.js";
import { nameOf } from "../name-of.js";
import { helpText, type Input, parseInput, type Target } from "./input.js";
import { showChannel } from "./news.js";
import { Phone } from "./phone.js";

/** Does what the user types, and shows what comes of it. */
export class Conversation {
  readonly #client: AldisClient;
  readonly #show: (text: string) => void;
  readonly #phone: Phone;
  readonly #followed = new Set<string>();
  #target: Target | undefined;
  #failed = false;

  /** `show` takes lines whose parts from other users are escaped. */
  constructor(client: AldisClient, show: (text: string) => void) {
    this.#client = client;
    this.#show = show;
    this.#phone = new Phone(client, show);
  }

  /** True if a line asked for something that could not be done. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Handles one line. Resolves with false if the user wants to go. Never rejects. */
  async handle(line: string): Promise<boolean> {
    const input = parseInput(line, this.#target);
    if (input.kind === "quit") return false;
    try {
      const answer = await this.#answer(input);
      if (answer !== "") this.#show(answer);
    } catch (thrown) {
      this.#failed = true;
      const code = thrown instanceof AldisError ? `${thrown.codeName}: ` : "";
      this.#show(`! ${code}${escapeControls(messageOf(thrown))}`);
    }
    return true;
  }

  async #answer(input: Input): Promise<string> {
    switch (input.kind) {
      case "help":
        return helpText;
      case "mistake":
        this.#failed = true;
        return `! ${escapeControls(input.message)}`;
      case "send":
        return this.#send(input.target, input.text);
      case "presence":
        return this.#presence(input.users);
      case "join":
        return this.#join(input.channel);
      case "leave":
        await this.#client.channel(input.channel).leave();
        return `* left ${escapeControls(input.channel)}`;
      case "who":
        return this.#who(input.channel);
      case "count":
        return this.#count(input.channel);
      case "call":
        return this.#phone.call(input.user);
      case "accept":
        return this.#phone.accept();
      case "refuse":
        return this.#phone.refuse();
      case "hangup":
        return this.#phone.hangUp();
      default:
        return "";
    }
  }

  async #send(target: Target, text: string): Promise<string> {
    this.#target = target;
    if (target.kind === "channel") {
      await this.#client.channel(target.id).send(text);
      return "";
    }
    const { outcome } = await this.#client.sendToPeer(target.id, text);
    return `* ${nameOf(DeliveryOutcome, outcome)} to ${escapeControls(target.id)}`;
  }

  async #join(id: string): Promise<string> {
    const channel = this.#client.channel(id);
    // Before the join, since the first messages may come with its answer.
    if (!this.#followed.has(id)) showChannel(channel, this.#show);
    this.#followed.add(id);
    await channel.join();
    this.#target = { kind: "channel", id };
    return `* joined ${escapeControls(id)}`;
  }

  async #presence(users: readonly string[]): Promise<string> {
    const presences = await this.#client.queryPresence(users);
    return presences.map(({ userId, state }) => `* ${escapeControls(userId)} is ${nameOf(PresenceState, state)}`).join("\n");
  }

  async #who(id: string): Promise<string> {
    const { members, memberCount } = await this.#client.channel(id).members();
    return `* ${memberCount} in ${escapeControls(id)}: ${members.map(escapeControls).join(", ")}`;
  }

  async #count(id: string): Promise<string> {
    const [count] = await this.#client.memberCounts([id]);
    return `* ${count?.memberCount ?? 0} in ${escapeControls(id)}`;
  }
}
