import { BlockList, isIP } from "node:net";

/** A set of addresses and networks. */
export class Networks {
  /** One list for each version, because a list for both takes IPv4 addresses for IPv6 ones of ::/3. */
  private readonly lists = { 4: new BlockList(), 6: new BlockList() };

  /** `networks` are of the form "10.0.0.0/8" or "::1". */
  constructor(networks: readonly string[]) {
    for (const network of networks) {
      const [address = "", prefix] = network.split("/");
      const [list, family] = isIP(address) === 4 ? [this.lists[4], "ipv4" as const] : [this.lists[6], "ipv6" as const];
      if (prefix === undefined) list.addAddress(address, family);
      else list.addSubnet(address, Number(prefix), family);
    }
  }

  /** True if an address is one of the set, also if it is an IPv4 one in IPv6 form. False for what is no address. */
  has(address: string): boolean {
    const version = isIP(address);
    if (version === 0 || address.includes("%")) return false;
    if (version === 4) return this.lists[4].check(address, "ipv4");
    return this.lists[6].check(address, "ipv6") || this.lists[4].check(address, "ipv6");
  }
}
