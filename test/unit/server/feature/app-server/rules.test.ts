import { describe, expect, it } from "vitest";
import { ErrorCode } from "../../../../../gen/aldis/v1/error.js";
import { AppServerRules } from "../../../../../src/server/feature/app-server/rules.js";
import { Refusal } from "../../../../../src/server/feature/refusal.js";

const { INVALID_ARGUMENT, APP_SERVER_NOT_ALLOWED } = ErrorCode;

function rules(appServerHosts: string[], appServerNetworks: string[] = []) {
  return new AppServerRules({ appServerHosts, appServerNetworks });
}

const codeOf = (read: URL | Refusal) => (read instanceof Refusal ? read.detail.code : undefined);

describe("the address of an application server", () => {
  it.each(["https://api.example.com/hook?x=1", "HTTP://API.Example.COM:80/", "https://a.b.example.org:8443/"])(
    "may be %s where the operator allows the host",
    (url) => {
      expect(rules(["API.example.com", "*.example.org:8443"]).read(url)).toBeInstanceOf(URL);
    },
  );

  it.each([
    ["is no address", "nonsense", INVALID_ARGUMENT],
    ["has another scheme", "ftp://api.example.com/", INVALID_ARGUMENT],
    ["names a file", "file:///etc/passwd", INVALID_ARGUMENT],
    ["has a password", "https://user:secret@api.example.com/", INVALID_ARGUMENT],
    ["hides the host behind a user name", "https://api.example.com@evil.com/", INVALID_ARGUMENT],
    ["has another host", "https://evil.com/", APP_SERVER_NOT_ALLOWED],
    ["has the host as a part", "https://api.example.com.evil.com/", APP_SERVER_NOT_ALLOWED],
    ["has the host in its path", "https://evil.com/api.example.com", APP_SERVER_NOT_ALLOWED],
    ["has another port", "https://api.example.com:22/", APP_SERVER_NOT_ALLOWED],
    ["has a dot behind the host", "https://api.example.com./", APP_SERVER_NOT_ALLOWED],
  ])("is refused if it %s", (_, url, code) => {
    expect(codeOf(rules(["api.example.com"]).read(url))).toBe(code);
  });

  it("is refused, whatever it is, if no host is allowed", () => {
    expect(codeOf(rules([]).read("https://api.example.com/"))).toBe(APP_SERVER_NOT_ALLOWED);
  });

  it.each([
    "http://2130706433/",
    "http://0x7f.1/",
    "http://017700000001/",
    "http://127.1/",
    "http://127.0.0.1./",
    "http://[::ffff:127.0.0.1]/",
    "http://[::1]/",
    "http://①②⑦.0.0.1/",
  ])("is this host, however it is written: %s", (text) => {
    const url = rules(["*"]).read(text);

    expect(url instanceof URL && rules(["*"]).allows(url.hostname.replace(/[[\]]/g, ""))).toBe(false);
  });
});

describe("an address on the network", () => {
  it.each(["8.8.8.8", "172.15.255.255", "172.32.0.0", "100.128.0.0", "223.255.255.255", "2606:4700::1", "2a00:1450::1"])(
    "may be %s, which is public",
    (address) => {
      expect(rules([]).allows(address)).toBe(true);
    },
  );

  it.each([
    ...["0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.255", "169.254.169.254", "172.16.0.1", "172.31.255.255"],
    ...["192.0.0.1", "192.168.1.1", "198.18.0.1", "224.0.0.1", "239.1.1.1", "255.255.255.255"],
    ...["::", "::1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "64:ff9b::a00:1", "fc00::1", "fd00::1", "fe80::1", "fe80::1%lo"],
    ...["ff02::1", "2001::1", "2001:db8::1", "2002:a00:1::", "example.com", ""],
  ])('may not be "%s"', (address) => {
    expect(rules([]).allows(address)).toBe(false);
  });

  it("may be a private one where the operator opens its network", () => {
    const open = rules([], ["10.1.0.0/16", "127.0.0.1", "fd00::/8"]);

    expect(["10.1.2.3", "127.0.0.1", "::ffff:10.1.2.3", "fd12::1"].map((address) => open.allows(address))).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(["10.2.0.1", "127.0.0.2", "fe80::1"].some((address) => open.allows(address))).toBe(false);
  });
});
