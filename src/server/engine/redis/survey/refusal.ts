import { failed, type RedisFinding } from "./finding.js";

/** Words in the errors of Redis and of connections to it, what they mean, and what to do. The first that fits counts. */
const meanings: readonly (readonly [RegExp, string, string])[] = [
  [
    /sentinels.*(WRONGPASS|invalid password)/i,
    "the Sentinels refuse the password",
    "Set the right one: --redis-sentinel-password-file, or ALDIS_REDIS_SENTINEL_PASSWORD.",
  ],
  [
    /sentinels.*NOAUTH/i,
    "the Sentinels want a password",
    "Set it: --redis-sentinel-password-file, or ALDIS_REDIS_SENTINEL_PASSWORD.",
  ],
  [
    /certificate|SSL|TLS/i,
    "TLS with it fails",
    "Check its certificate (--redis-ca-file), whether it wants to see one (--redis-cert-file), and whether it has TLS (rediss).",
  ],
  [
    /WRONGPASS|invalid password/i,
    "it refuses the password",
    "Set the right one: --redis-password-file, or ALDIS_REDIS_PASSWORD.",
  ],
  [/NOAUTH/, "it wants a password", "Set it: --redis-password-file, or ALDIS_REDIS_PASSWORD."],
  [/Client sent AUTH|without any password configured/i, "it knows no password", "Take the password away, or set requirepass."],
  [
    /NOPERM/,
    "its user may not do what is needed",
    "Allow it: ACL SETUSER ... ~PREFIX* &PREFIX* +@all -@admin +info +config|get.",
  ],
  [/DB index is out of range/i, "it has no such database", "Correct the number at the end of the address, or raise databases."],
  [
    /cluster support disabled/i,
    "it is a single Redis, and no node of a Redis Cluster",
    "Write redis:// in place of redis-cluster:// in the address.",
  ],
  [
    /No such master/,
    "no Sentinel knows a master of that name",
    "Correct the name behind the addresses: it is the one of `sentinel monitor`.",
  ],
  [/sentinels are unreachable/i, "no Sentinel answers", "Check the addresses of the Sentinels, and the name behind them."],
  [/max number of clients/i, "it takes no more connections", "Raise maxclients in Redis."],
  [/LOADING/, "it still reads its data", "Wait until it has; try again then."],
  [/MISCONF|READONLY|MASTERDOWN|CLUSTERDOWN/, "it takes no writes now", "Look into the log of Redis."],
  [/ECONNREFUSED/, "nothing listens there", "Start Redis, or correct the address."],
  [/ENOTFOUND|EAI_AGAIN/, "its name is not known", "Correct the address."],
  [
    /ECONNRESET|EPIPE|Connection is closed|ended|Protocol error/i,
    "it ends the connection",
    "Check the address, and whether it wants TLS (rediss://).",
  ],
  [/ETIMEDOUT|timeout/i, "it does not answer in time", "Check the address, and that no firewall is in between."],
];

/** Says why a Redis cannot be used, from the error that a connection or a command ended with. */
export function refusalOf(error: Error): RedisFinding {
  const [, found, advice] = meanings.find(([words]) => words.test(error.message)) ?? [];
  if (found === undefined || advice === undefined)
    return failed(`it cannot be used: ${error.message}`, "Look into the log of Redis.");
  return failed(`${found} (${error.message})`, advice);
}
