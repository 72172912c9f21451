import { Networks } from "../networks.js";

const privateNetworks = new Networks([
  ...["127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10"],
  ...["::1", "fc00::/7", "fe80::/10"],
]);

/**
 * True if strangers may reach what listens on the address: a public one, all addresses, or a name, of which nobody can know. There
 * a server without TLS would send tokens for everybody on the way to read.
 */
export function isPublicAddress(host: string): boolean {
  return host !== "localhost" && !privateNetworks.has(host);
}

/** Why gRPC must not listen without TLS as it is told to, with what to do. Undefined if it may. */
export function plaintextProblem(host: string, allowPlaintext: boolean): string | undefined {
  if (allowPlaintext || !isPublicAddress(host)) return undefined;
  return (
    `gRPC on "${host}" may be reached by strangers, who could read tokens and messages on the way; ` +
    "set --tls-cert-file and --tls-key-file, or --allow-plaintext if a proxy in front has TLS"
  );
}
