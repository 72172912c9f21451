import { X509Certificate } from "node:crypto";
import { experimental, type ServerCredentials } from "@grpc/grpc-js";
import { messageOf } from "../../message-of.js";
import type { OperatorNews } from "../../operator-news.js";
import { checkAuthorities, checkPair } from "../../pem.js";
import { type Runtime, type Timer, timeOf } from "../../runtime.js";

/** The files of TLS, in PEM. */
export interface TlsFiles {
  /** The certificate, followed by those between it and the root. */
  readonly certFile: string;
  readonly keyFile: string;
  /** The certificates by which clients must show one (mutual TLS). Undefined if they need none. */
  readonly clientCaFile?: string;
}

/** What the files hold. */
interface Content {
  readonly certificate: Buffer;
  readonly privateKey: Buffer;
  readonly clientCa?: Buffer;
}

type Provider = experimental.CertificateProvider;
type IdentityListener = experimental.IdentityCertificateUpdateListener;
type CaListener = experimental.CaCertificateUpdateListener;

/** How often the files are looked at, in milliseconds. */
const lookEveryMs = 30_000;

export interface CertificateOptions extends OperatorNews {
  readonly files: TlsFiles;
  readonly readFile: (path: string) => Buffer;
  readonly runtime: Runtime;
}

/**
 * The certificate of the server, which may be renewed while it runs. A pair that does not fit is never handed on: gRPC would drop
 * every new connection. What was valid stays in use until the files are right.
 */
export class Certificate implements Provider {
  private readonly identityListeners = new Set<IdentityListener>();
  private readonly caListeners = new Set<CaListener>();
  private problem = "";

  private constructor(
    private readonly options: CertificateOptions,
    private content: Content,
  ) {}

  /** Reads the files. Throws an `Error` that says what is wrong with them. */
  static open(options: CertificateOptions): Certificate {
    return new Certificate(options, read(options));
  }

  /** When it ends to be valid, in milliseconds since 1970. */
  get expiresAtMs(): number {
    return timeOf(new X509Certificate(this.content.certificate).validTo);
  }

  /** What gRPC listens with. */
  credentials(): ServerCredentials {
    const ca = this.options.files.clientCaFile === undefined ? null : this;
    return experimental.createCertificateProviderServerCredentials(this, ca, ca !== null);
  }

  /** Looks at the files from time to time. */
  watch(): Timer {
    return this.options.runtime.clock.every(lookEveryMs, () => this.reload());
  }

  /** Looks at the files now. Connections that are open stay as they are. */
  reload(): void {
    try {
      const content = read(this.options);
      this.problem = "";
      if (isSame(content, this.content)) return;
      this.content = content;
      for (const listener of this.identityListeners) listener(content);
      for (const listener of this.caListeners) listener(caOf(content));
      this.options.announce(`a new certificate is used, valid until ${new X509Certificate(content.certificate).validTo}`);
    } catch (thrown) {
      const problem = `The new certificate is not used: ${messageOf(thrown)}`;
      if (problem !== this.problem) this.options.report(problem);
      this.problem = problem;
    }
  }

  addIdentityCertificateListener(listener: IdentityListener): void {
    this.identityListeners.add(listener);
    soon(() => this.identityListeners.has(listener) && listener(this.content));
  }

  removeIdentityCertificateListener(listener: IdentityListener): void {
    this.identityListeners.delete(listener);
  }

  addCaCertificateListener(listener: CaListener): void {
    this.caListeners.add(listener);
    soon(() => this.caListeners.has(listener) && listener(caOf(this.content)));
  }

  removeCaCertificateListener(listener: CaListener): void {
    this.caListeners.delete(listener);
  }
}

/** gRPC overhears what it is told while it begins to listen. */
const soon = queueMicrotask;

function caOf({ clientCa }: Content): experimental.CaCertificateUpdate | null {
  return clientCa === undefined ? null : { caCertificate: clientCa };
}

function isSame(one: Content, other: Content): boolean {
  const clientCaIsSame = one.clientCa === undefined || (other.clientCa !== undefined && one.clientCa.equals(other.clientCa));
  return one.certificate.equals(other.certificate) && one.privateKey.equals(other.privateKey) && clientCaIsSame;
}

function read({ files: { certFile, keyFile, clientCaFile }, readFile, runtime }: CertificateOptions): Content {
  const pair = { certificate: pemFile(certFile, readFile), key: pemFile(keyFile, readFile) };
  const ca = clientCaFile === undefined ? undefined : pemFile(clientCaFile, readFile);
  const { validTo } = checkPair(pair);
  if (timeOf(validTo) <= runtime.clock.now()) {
    throw new Error(`the certificate in "${certFile}" has expired on ${validTo}; renew it`);
  }
  if (ca !== undefined) checkAuthorities(ca);
  return { certificate: pair.certificate.content, privateKey: pair.key.content, clientCa: ca?.content };
}

function pemFile(path: string, readFile: CertificateOptions["readFile"]) {
  return { path, content: readFile(path) };
}
