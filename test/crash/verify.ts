import type { Confirmed, Names } from "./load.js";
import type { Client, CrashingServer } from "./server.js";

export interface Verdict {
  lost: number;
  duplicated: number;
  reordered: number;
}

/** How long nothing has to come before nothing more is expected, and how long what was confirmed may take. */
const quietMs = 300;
const patienceMs = 10_000;

/** Looks for everything that was confirmed, after the restart. */
export async function verify(server: CrashingServer, names: Names, confirmed: Confirmed): Promise<Verdict> {
  const verdict = { lost: 0, duplicated: 0, reordered: 0 };
  const reader = server.client(`reader of ${names.channel}`);
  await reader.login();
  const found = await readChannel(reader, names.channel);
  judgeOrder(
    found.map(({ text }) => text),
    new Set(confirmed.channel.keys()),
    verdict,
  );
  const offsets = new Map(found.map(({ text, offset }) => [text, offset]));
  for (const [text, offset] of confirmed.channel) if (offsets.has(text) && offsets.get(text) !== offset) verdict.reordered += 1;
  const { attributes } = await reader.channel(names.channel).attributes.get();
  if (Number(attributes.get("value")?.value ?? 0) < confirmed.attribute) verdict.lost += 1;
  await reader.close();

  const received = await receiveAll(server, names.away, confirmed);
  judgeOrder(received.messages, confirmed.peer, verdict);
  judgeOrder(received.invitations, confirmed.invitations, verdict);
  // What was acknowledged does not come again.
  const again = await receiveAll(server, names.away, { ...confirmed, peer: new Set(), invitations: new Set() });
  verdict.duplicated += again.messages.length;
  return verdict;
}

function judgeOrder(texts: readonly string[], confirmed: ReadonlySet<string>, verdict: Verdict): void {
  const distinct = new Set(texts);
  verdict.duplicated += texts.length - distinct.size;
  verdict.lost += [...confirmed].filter((text) => !distinct.has(text)).length;
  verdict.reordered += texts.filter((text, index) => index > 0 && Number(text) < Number(texts[index - 1])).length;
}

async function readChannel(client: Client, id: string): Promise<{ text: string; offset: number }[]> {
  const channel = client.channel(id);
  await channel.join();
  const found: { text: string; offset: number }[] = [];
  for (let page = await channel.history(); ; ) {
    found.push(...page.messages.map(({ payload, offset }) => ({ text: `${payload.text}`, offset })));
    const last = page.messages.at(-1);
    if (!page.more || last === undefined) return found;
    page = await channel.history({ from: { epoch: page.head?.epoch ?? "", offset: last.offset } });
  }
}

/** Logs in as the user who was away, and hears everything that waits. */
async function receiveAll(server: CrashingServer, userId: string, { peer, invitations }: Confirmed) {
  const received = { messages: [] as string[], invitations: [] as string[] };
  let lastMs = performance.now();
  const note = (list: string[], text: string) => {
    lastMs = performance.now();
    list.push(text);
  };
  const client = server.client(userId);
  client.on("peerMessage", ({ payload }) => note(received.messages, `${payload.text}`));
  client.on("invitation", (invitation) => note(received.invitations, invitation.content));
  await client.login();
  await client.invitations.sync();
  const startMs = performance.now();
  const isComplete = () => received.messages.length >= peer.size && received.invitations.length >= invitations.size;
  for (;;) {
    const nowMs = performance.now();
    if (nowMs - startMs > patienceMs || (isComplete() && nowMs - lastMs > quietMs)) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await client.close();
  return received;
}
