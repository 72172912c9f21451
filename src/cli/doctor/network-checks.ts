// What the doctor finds out about the ways to the server: the certificate and the ports.
import { isIPv6 } from "node:net";
import type { Config } from "../../server/config.js";
import { Certificate } from "../../server/edge/grpc/certificate.js";
import { plaintextProblem } from "../../server/edge/plaintext.js";
import { time } from "../admin/table.js";
import type { CliContext } from "../context.js";
import { reachable } from "../credentials.js";
import { type Finding, failed, ok, warning } from "./finding.js";

const dayMs = 24 * 60 * 60 * 1000;
const soonMs = 14 * dayMs;

export function checkCertificate(config: Config, { readFile, runtime }: CliContext): Finding {
  const { tlsCertFile: certFile, tlsKeyFile: keyFile, tlsClientCaFile: clientCaFile, grpcHost, allowPlaintext } = config;
  if (certFile === undefined || keyFile === undefined) {
    const problem = plaintextProblem(grpcHost, allowPlaintext);
    if (problem !== undefined) return failed("certificate", problem, "Set a certificate, or listen on 127.0.0.1.");
    return ok("certificate", `none: gRPC is in the clear on ${grpcHost}`);
  }
  const files = { certFile, keyFile, clientCaFile };
  try {
    const source = {
      files,
      readFile: (path: string) => Buffer.from(readFile(path)),
      runtime,
      report: () => {},
      announce: () => {},
    };
    const { expiresAtMs } = Certificate.open(source);
    const days = Math.floor((expiresAtMs - runtime.clock.now()) / dayMs);
    const found = `fits its key, valid until ${time(expiresAtMs)} (${days} days)`;
    if (days * dayMs >= soonMs) return ok("certificate", found);
    return warning("certificate", found, "Renew it; a server that runs takes the new files by itself.");
  } catch (thrown) {
    return failed("certificate", (thrown as Error).message, "Put right the files of --tls-cert-file and --tls-key-file.");
  }
}

export async function checkPorts({ grpcHost, grpcPort, httpHost, httpPort }: Config, context: CliContext): Promise<Finding[]> {
  const doors = [
    { check: "grpc port", host: grpcHost, port: grpcPort, flag: "--grpc-port" },
    { check: "http port", host: httpHost, port: httpPort, flag: "--http-port" },
  ];
  const { machine } = context;
  const state = await machine.readiness(reachable(`${isIPv6(httpHost) ? `[${httpHost}]` : httpHost}:${httpPort}`));
  const findings: Finding[] = [];
  for (const { check, host, port, flag } of doors) {
    const failure = await machine.tryPort(host, port);
    if (failure === undefined) findings.push(ok(check, port === 0 ? "any" : `${port} is free`));
    else if (failure === "EADDRINUSE" && state !== undefined) findings.push(ok(check, `${port} is that of a server that runs`));
    else if (failure === "EADDRINUSE") {
      findings.push(failed(check, `${port} is in use`, `Stop what uses it, or choose another with ${flag}.`));
    } else {
      const found = `${host}:${port} cannot be had: ${failure}`;
      findings.push(failed(check, found, `Choose an address of this machine, and a port of 1024 or more with ${flag}.`));
    }
  }
  if (state !== undefined && state !== "ok") {
    findings.push(failed("server", `it runs, but takes no clients: ${state}`, "See its log, and the metrics of the store."));
  } else if (state === "ok") findings.push(ok("server", "it runs, and takes clients"));
  return findings;
}
