import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { bedCgroups } from '../../test/bed/cgroups.ts';

/** What the kernel says of the memory of a pod. Figures in bytes. */
export type PodMemory = {
  /** What its processes hold now and nothing can give back, without the page cache. */
  readonly heldBytes: number;
  /** The most that was ever charged to it, page cache included: at the limit, the cache is what gives way. */
  readonly peakBytes: number;
  readonly limitBytes: number;
};

type Files = { readonly limit: string; readonly peak: string; readonly held: RegExp };

const version1: Files = {
  limit: 'memory.limit_in_bytes',
  peak: 'memory.max_usage_in_bytes',
  held: /^total_rss (\d+)$/m,
};
const version2: Files = { limit: 'memory.max', peak: 'memory.peak', held: /^anon (\d+)$/m };

/** Undefined while the pod has no cgroup: not yet, or no more. */
export function memoryOfPod(uid: string): PodMemory | undefined {
  try {
    const folder = folderOf(uid);
    if (folder === undefined) return undefined;
    const files = existsSync(join(folder, version1.peak)) ? version1 : version2;
    const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
    return {
      heldBytes: Number(files.held.exec(read('memory.stat'))?.[1] ?? 0),
      peakBytes: Number(read(files.peak)),
      limitBytes: Number(read(files.limit)),
    };
  } catch {
    // Removed while it was read.
    return undefined;
  }
}

/** `{root}/kubepods/{class}/pod{uid}`, below the root that has a controller of memory. */
function folderOf(uid: string): string | undefined {
  const classes = bedCgroups().flatMap(root =>
    ['', 'burstable', 'besteffort'].map(name => join(root, 'kubepods', name)),
  );
  return classes
    .filter(folder => existsSync(join(folder, 'memory.stat')))
    .flatMap(folder => readdirSync(folder).map(name => join(folder, name)))
    .find(folder => folder.endsWith(`/pod${uid}`));
}
