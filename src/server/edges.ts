import { readFileSync } from "node:fs";
import type { AldisNode } from "./compose.js";
import type { Config } from "./config.js";
import { Certificate } from "./edge/grpc/certificate.js";
import { GrpcEdge } from "./edge/grpc/grpc-edge.js";
import { HttpEdge } from "./edge/http.js";
import { plaintextProblem } from "./edge/plaintext.js";
import type { EngineHealth } from "./engine/ports/health.js";
import type { OperatorNews } from "./operator-news.js";
import type { Runtime } from "./runtime.js";

/** Where a server listens, and how. A port that is undefined is not opened. */
export type EdgeConfig = Pick<
  Config,
  "grpcHost" | "httpHost" | "tlsCertFile" | "tlsKeyFile" | "tlsClientCaFile" | "allowPlaintext" | "limits"
> &
  Partial<Pick<Config, "grpcPort" | "httpPort">>;

/** The doors of a node that are open. */
export interface Edges {
  readonly addresses: { readonly grpc?: string; readonly http?: string };
  /** Tells load balancers to send clients elsewhere. */
  stopInviting(): void;
  /** Looks at once whether there is a new certificate. */
  reload(): void;
  /** Ends all connections. */
  close(): void;
}

export interface EdgeOptions extends OperatorNews {
  readonly config: EdgeConfig;
  readonly node: AldisNode;
  readonly runtime: Runtime;
}

/** How often load balancers are told how the engine is, in milliseconds. */
const healthIntervalMs = 1000;

const obstacles: Readonly<Record<EngineHealth, string | undefined>> = {
  ok: undefined,
  full: "the disk is full",
  failed: "the store has failed; see the log",
  unreachable: "the engine cannot be reached",
  deaf: "other nodes cannot be heard",
};

/** Opens the doors that the configuration names. Rejects with an `Error` that says what to do, and then none is open. */
export async function openEdges(options: EdgeOptions): Promise<Edges> {
  const { config, node, runtime } = options;
  const { grpcHost: host, grpcPort: port, httpHost, httpPort, limits } = config;
  const open: { close(): void }[] = [];
  const close = () => {
    for (const edge of open) edge.close();
  };
  let draining = false;
  const obstacle = () => (draining ? "draining" : obstacles[node.health()]);
  try {
    const certificate = openCertificate(options);
    if (certificate !== undefined) {
      node.metrics.watchCertificate(certificate);
      const watch = certificate.watch();
      open.push({ close: () => watch.cancel() });
    }
    const credentials = certificate?.credentials();
    const { accept, addresses, unaryCalls: calls, adminCalls } = node;
    const { clock } = runtime;
    const grpc =
      port === undefined
        ? undefined
        : await GrpcEdge.listen({ host, port, credentials, accept, addresses, calls, adminCalls, limits, clock });
    if (grpc !== undefined) open.push(grpc);
    const sources = { obstacle, metrics: () => node.metrics.text() };
    const http = httpPort === undefined ? undefined : await HttpEdge.listen(httpHost, httpPort, sources);
    if (http !== undefined) open.push(http);
    const tellHealth = () => grpc?.setInviting(obstacle() === undefined);
    const timer = runtime.clock.every(healthIntervalMs, tellHealth);
    open.push({ close: () => timer.cancel() });
    return {
      addresses: { grpc: grpc?.address, http: http?.address },
      stopInviting() {
        draining = true;
        tellHealth();
      },
      reload: () => certificate?.reload(),
      close,
    };
  } catch (failure) {
    close();
    throw failure;
  }
}

/** The certificate of TLS. Undefined if there is none and none is needed. */
function openCertificate({ config, runtime, report, announce }: EdgeOptions): Certificate | undefined {
  const { tlsCertFile: certFile, tlsKeyFile: keyFile, tlsClientCaFile: clientCaFile } = config;
  if (certFile !== undefined && keyFile !== undefined) {
    return Certificate.open({
      files: { certFile, keyFile, clientCaFile },
      readFile: (path) => readFileSync(path),
      runtime,
      report,
      announce,
    });
  }
  const problem = config.grpcPort === undefined ? undefined : plaintextProblem(config.grpcHost, config.allowPlaintext);
  if (problem !== undefined) throw new Error(problem);
  return undefined;
}
