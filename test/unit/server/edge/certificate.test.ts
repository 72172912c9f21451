import { beforeEach, describe, expect, it } from "vitest";
import { Certificate } from "../../../../src/server/edge/grpc/certificate.js";
import { createManualRuntime, type ManualRuntime } from "../../../support/manual-runtime.js";
import { pem } from "../../../support/tls-files.js";

/** A moment in which the certificates of the tests are good. */
const inTimeMs = 3_000_000_000_000;

describe("a certificate", () => {
  let runtime: ManualRuntime;
  let files: Record<string, Buffer>;
  let reports: string[];
  let news: string[];
  beforeEach(() => {
    runtime = createManualRuntime();
    runtime.advance(inTimeMs - runtime.clock.now());
    reports = [];
    news = [];
    files = { cert: pem("server.pem"), key: pem("server.key"), ca: pem("authority.pem") };
  });

  async function open(clientCaFile?: string) {
    const certificate = Certificate.open({
      files: { certFile: "cert", keyFile: "key", clientCaFile },
      readFile: (path) => {
        const content = files[path];
        if (content === undefined) throw new Error(`no such file: ${path}`);
        return content;
      },
      runtime,
      report: (sentence) => reports.push(sentence),
      announce: (sentence) => news.push(sentence),
    });
    const told: string[] = [];
    certificate.addIdentityCertificateListener((update) => told.push(String(update?.certificate)));
    await Promise.resolve();
    return { certificate, told };
  }

  it("is told soon, and again when both files are new", async () => {
    const { certificate, told } = await open();
    const watch = certificate.watch();

    files.cert = pem("renewed.pem");
    files.key = pem("renewed.key");
    runtime.advance(30_000);
    runtime.advance(30_000);
    watch.cancel();

    expect(told).toEqual([String(pem("server.pem")), String(pem("renewed.pem"))]);
    expect(reports).toEqual([]);
    expect(news).toEqual([expect.stringMatching(/^a new certificate is used, valid until .+ GMT$/)]);
  });

  it("stays as it was while only one of the files is new, which is told once", async () => {
    const { certificate, told } = await open();

    files.cert = pem("renewed.pem");
    certificate.reload();
    certificate.reload();

    expect(told).toEqual([String(pem("server.pem"))]);
    expect(news).toEqual([]);
    expect(reports).toEqual(['The new certificate is not used: the key in "key" is not that of the certificate in "cert"']);
  });

  it("tells nobody who has stopped listening", async () => {
    const { certificate } = await open();
    const told: unknown[] = [];
    const listener = (update: unknown) => told.push(update);
    certificate.addIdentityCertificateListener(listener);
    await Promise.resolve();
    certificate.removeIdentityCertificateListener(listener);
    files = { ...files, cert: pem("renewed.pem"), key: pem("renewed.key") };
    certificate.reload();

    expect(told).toHaveLength(1);
  });

  it.each<[string, () => void, RegExp]>([
    ["a file that is missing", () => delete files.cert, /no such file: cert/],
    ["a text that is no certificate", () => (files.cert = Buffer.from("x")), /"cert" holds no certificate/],
    ["a text that is no key", () => (files.key = Buffer.from("x")), /"key" holds no private key/],
    ["the key of another certificate", () => (files.key = pem("renewed.key")), /is not that of the certificate/],
    ["a certificate of the past", () => runtime.advance(200 * 365 * 86_400_000), /has expired on/],
    ["certificates of clients that are none", () => (files.ca = Buffer.from("x")), /"ca" holds no certificates/],
  ])("is refused at the start for %s", async (_, spoil, message) => {
    spoil();

    await expect(open("ca")).rejects.toThrow(message);
  });
});
