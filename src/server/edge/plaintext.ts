import { BlockList, isIP } from "node:net";

const privateNetworks = new BlockList();
for (const [network, bits] of [
  ["127.0.0.0", 8],
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["169.254.0.0", 16],
  ["100.64.0.0", 10],
] as const) {
  privateNetworks.addSubnet(network, bits, "ipv4");
}
for (const [network, bits] of [
  ["::1", 128],
  ["fc00::", 7],
  ["fe80::", 10],
] as const) {
  privateNetworks.addSubnet(network, bits, "ipv6");
}

/**
 * True if strangers may reach what listens on the address: a public one, all addresses, or a name, of which nobody can know. There
 * a server without TLS would send tokens for everybody on the way to read.
 */
export function isPublicAddress(host: string): boolean {
  if (host === "localhost") return false;
  const kind = isIP(host);
  return kind === 0 || !privateNetworks.check(host, kind === 4 ? "ipv4" : "ipv6");
}
