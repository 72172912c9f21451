import type { Disk } from "./disk.js";
import { StoreRefused } from "./store-refused.js";

/** File systems that another machine or program may write to as well, by their numbers in Linux (statfs(2)). */
const shared = new Map([
  [0x00c36400, "Ceph"],
  [0x01021997, "9p"],
  [0x0bd00bd0, "Lustre"],
  [0x47504653, "GPFS"],
  [0x517b, "SMB"],
  [0x5346414f, "AFS"],
  [0x6969, "NFS"],
  [0x6b414653, "AFS"],
  [0x65735546, "FUSE"],
  [0x73757245, "Coda"],
  [0x7461636f, "OCFS2"],
  [0x786f4256, "VirtualBox"],
  [0xbacbacbc, "VMware"],
  [0xfe534d42, "SMB2"],
  [0xff534d42, "CIFS"],
]);

/** Throws `StoreRefused` for a directory on a file system whose locks and shared memory may not reach all who write to it. */
export function refuseSharedDisk(dataDir: string, disk: Disk): void {
  const name = shared.get(disk.fileSystem(dataDir) ?? 0);
  if (name === undefined) return;
  throw new StoreRefused(
    `The data directory ${dataDir} is on a file system that others may share (${name}), on which two servers could destroy ` +
      "the data. Choose a directory on a disk of this machine with --data-dir, or use --allow-shared-disk if nobody else writes to it.",
  );
}
