import { lookup } from "node:dns/promises";
import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { isIPv6, type LookupFunction } from "node:net";
import type { AppServerNetwork, AppServerPost, AppServerReply } from "./network.js";

/** The network of the system. */
export const systemAppServerNetwork: AppServerNetwork = {
  async resolve(host) {
    const found = await lookup(host, { all: true });
    return found.map(({ address }) => address);
  },

  async post(post) {
    const response = await responseTo(post);
    return { status: response.statusCode ?? 0, body: await bodyOf(response, post.maxReplyBytes) };
  },
};

function responseTo({ url, addresses, body, signal }: AppServerPost): Promise<IncomingMessage> {
  const request = url.protocol === "https:" ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    // A connection of its own: one that is kept open could lead to an address that was looked up earlier.
    const headers = { "content-type": "application/json" };
    const sent = request(url, { method: "POST", headers, agent: false, lookup: pinnedTo(addresses), signal }, resolve);
    sent.on("error", reject);
    sent.on("close", () => reject(new Error("the connection was closed without an answer")));
    sent.end(body);
  });
}

/** Gives the addresses that were checked in place of a second look-up. */
function pinnedTo(addresses: readonly string[]): LookupFunction {
  const found = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
  return (_host, { all }, callback) => {
    if (all) callback(null, found);
    else callback(null, found[0]?.address ?? "", found[0]?.family);
  };
}

async function bodyOf(response: IncomingMessage, maxBytes: number): Promise<AppServerReply["body"]> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += chunk.length;
    // Leaving the loop destroys the response, and its connection with it.
    if (bytes > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
