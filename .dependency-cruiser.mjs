// Which way imports go. `npm run check` and test/tidy/import-directions.test.ts run it; a rule's comment is its reason.
// In the server each may import what stands left of it: gen, runtime, engine ports, helpers (src/server/*.ts and auth),
// features, session and fanout, edge, compose, index. Edges pass over the features: they see sessions only.

const portableClient = {
  path: "^src/client/",
  pathNot: "^src/client/(index|transport/grpc(-admin)?|dialect/(shared/options|rts/host|rtm/log-file))\\.ts$",
};
const compositionRoot = "^src/server/(compose/.*|(compose|edges|index)\\.ts$)";
const enginePorts = "^src/server/engine/(ports/|engine\\.ts$)";
const engineKinds = "^src/server/engine/(?!ports/|engine\\.ts$)";
const serverHelpers = "^src/server/(auth/|config/|[^/]+\\.ts$)";

/** A rule that forbids what matches `from` to import what matches `to`. */
function forbid(name, comment, from, to) {
  return { name, comment, severity: "error", from, to };
}

const oneWay = [
  forbid("no-cycles", "Files that import each other can only be understood and tested together.", {}, { circular: true }),
  forbid(
    "gen-imports-gen-only",
    "Generated code is the ground on which both sides stand.",
    { path: "^gen/" },
    { path: "^(src|tools|scripts|test|bench)/" },
  ),
  forbid(
    "server-for-cli-only",
    "Server and client share gen/ and nothing else, so that a client is small and the protocol is the only contract.",
    { path: "^src/", pathNot: "^src/(server|cli)/" },
    { path: "^src/server/" },
  ),
  forbid(
    "client-for-cli-only",
    "Server and client share gen/ and nothing else; the command line joins them.",
    { path: "^src/", pathNot: "^src/(client|cli)/" },
    { path: "^src/client/" },
  ),
  forbid(
    "nothing-imports-cli",
    "The command line is the outermost layer.",
    { path: "^src/", pathNot: "^src/cli/" },
    { path: "^src/cli/" },
  ),
  forbid("client-without-grpc", "The client runs in browsers too; gRPC is one of its transports.", portableClient, {
    path: "^node_modules/@grpc/|^src/client/transport/grpc(-admin)?\\.ts$",
  }),
  forbid("client-without-node", "The client runs in browsers too, which have none of Node's modules.", portableClient, {
    dependencyTypes: ["core"],
  }),
  forbid(
    "dialects-are-outermost",
    "A dialect is an adapter over the client, which does not know it.",
    { path: "^src/client/", pathNot: "^src/client/dialect/" },
    { path: "^src/client/dialect/" },
  ),
  forbid(
    "dialects-apart",
    "What dialects have in common is in shared/, so that each can be read alone.",
    { path: "^src/client/dialect/(signaling|rtm|rts)/" },
    { path: "^src/client/dialect/(signaling|rtm|rts)/", pathNot: "^src/client/dialect/$1/" },
  ),
];

const serverLayers = [
  forbid(
    "ports-import-ports-only",
    "A port is a contract: it knows the protocol, and neither its implementations nor its users.",
    { path: enginePorts },
    { path: "^src/", pathNot: enginePorts },
  ),
  forbid(
    "engines-know-no-users",
    "An engine serves whoever calls it, so that it can be replaced.",
    { path: engineKinds },
    { path: "^src/server/(session|fanout|feature|edge|auth)/" },
  ),
  forbid(
    "compose-chooses-the-engine",
    "Everything else works on any engine.",
    { path: "^src/", pathNot: ["^src/server/compose(/engine)?\\.ts$", engineKinds] },
    { path: engineKinds },
  ),
  forbid(
    "helpers-know-no-layer",
    "Every layer uses the helpers, so they use none.",
    { path: serverHelpers, pathNot: compositionRoot },
    { path: "^src/server/(session|fanout|feature|edge)/" },
  ),
  forbid(
    "features-know-no-session",
    "A feature states what it needs of a session, and is the same through every door.",
    { path: "^src/server/feature/" },
    { path: "^src/server/(session|fanout|edge)/" },
  ),
  forbid(
    "sessions-know-no-socket",
    "A session talks to an edge that is given to it.",
    { path: "^src/server/(session|fanout)/" },
    { path: "^src/server/edge/" },
  ),
  forbid(
    "edges-carry-bytes",
    "An edge moves bytes between a socket and a session.",
    { path: "^src/server/edge/" },
    { path: "^src/server/feature/" },
  ),
  forbid(
    "compose-is-last",
    "Parts get what they need from their constructors; only the index and the command line start from the whole.",
    { path: "^src/", pathNot: ["^src/cli/", compositionRoot] },
    { path: compositionRoot },
  ),
];

const packages = [
  forbid(
    "no-dev-dependencies",
    "What users install has only the dependencies.",
    { path: "^(src|gen)/" },
    { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"] },
  ),
  forbid("no-unresolved", "An import that leads nowhere fails at run time.", {}, { couldNotResolve: true }),
];

export default {
  forbidden: [...oneWay, ...serverLayers, ...packages],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^test/tidy/fixtures/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default", "types"] },
  },
};
