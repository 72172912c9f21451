// Which application servers may be called. The network of the server is closed to the addresses that users give.
import { isIP } from "node:net";
import { ErrorCode } from "../../../../gen/aldis/v1/error.js";
import { Networks } from "../../networks.js";
import { matchesPattern } from "../pattern.js";
import { type Refusal, refuse } from "../refusal.js";

/**
 * The networks that are not the public internet: this host, private, shared, link-local, documentation, benchmarks, multicast,
 * reserved. Of IPv6 only 2000::/3 is given out to the public; what carries IPv4 addresses is closed as a whole.
 */
const closed = new Networks([
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"],
  ...["192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"],
  ...["203.0.113.0/24", "224.0.0.0/3"],
  ...["::/3", "4000::/2", "8000::/1", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"],
]);

export interface AppServerSettings {
  /** Patterns of hosts, each with its port if that is not the one of the scheme, such as "*.example.com:8443". */
  readonly appServerHosts: readonly string[];
  /** The addresses and networks, such as "10.1.0.0/16", that may be called although they are not public. */
  readonly appServerNetworks: readonly string[];
}

/** What the operator allows. Without a pattern for hosts nothing is called. */
export class AppServerRules {
  private readonly hosts: readonly string[];
  private readonly open: Networks;

  constructor({ appServerHosts, appServerNetworks }: AppServerSettings) {
    this.hosts = appServerHosts.map((pattern) => pattern.toLowerCase());
    this.open = new Networks(appServerNetworks);
  }

  /** Reads an address that a user gives. What the name of its host stands for is not looked at. */
  read(text: string): URL | Refusal {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") {
      const message = "the address must begin with http:// or https://, and have no user name and no password";
      return refuse(ErrorCode.INVALID_ARGUMENT, message, { field: "url" });
    }
    if (this.hosts.some((pattern) => matchesPattern(pattern, url.host))) return url;
    return refuse(ErrorCode.APP_SERVER_NOT_ALLOWED, `the operator does not allow the host "${url.host}"`, { field: "url" });
  }

  /** True if an address of the network may be called. */
  allows(address: string): boolean {
    // The name of an interface in an address makes it a local one.
    if (isIP(address) === 0 || address.includes("%")) return false;
    return this.open.has(address) || !closed.has(address);
  }
}
