import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workerNodeOptions } from '../../src/jobs/heap.ts';
import { NotMeasurableError } from './metric.ts';

/** Processes with a common memory limit, as the kubelet gives one to a pod. Figures in bytes. */
export type MemoryGroup = {
  readonly limitBytes: number;
  /** What the operator has Node told under this limit. */
  readonly nodeOptions: readonly string[];
  /** The command, so that it and all its children run in the group. */
  readonly entered: (command: readonly string[]) => readonly string[];
  /** What the group holds now that cannot be dropped and read again: memory of processes, not the page cache. */
  readonly heldBytes: () => number;
  /** The most that was charged to the group, page cache included: at the limit, the cache is what gives way. */
  readonly peakBytes: () => number;
  /** How many processes the kernel killed in it. */
  readonly kills: () => number;
  readonly remove: () => void;
};

const root = '/sys/fs/cgroup';

type Files = {
  readonly parent: string;
  readonly limit: string;
  readonly peak: string;
  readonly held: RegExp;
  readonly events: string;
};

const version1: Files = {
  parent: join(root, 'memory'),
  limit: 'memory.limit_in_bytes',
  peak: 'memory.max_usage_in_bytes',
  held: /^total_rss (\d+)$/m,
  events: 'memory.oom_control',
};
const version2: Files = {
  parent: root,
  limit: 'memory.max',
  peak: 'memory.peak',
  held: /^anon (\d+)$/m,
  events: 'memory.events',
};

/** Makes an empty group. Throws NotMeasurableError where this user cannot. */
export function memoryGroup(limit: `${number}Mi`): MemoryGroup {
  const files = existsSync(version1.parent) ? version1 : version2;
  const folder = join(files.parent, `reindeer-bench-${randomBytes(3).toString('hex')}`);
  const limitBytes = Number.parseInt(limit, 10) * 1024 * 1024;
  try {
    mkdirSync(folder);
    writeFileSync(join(folder, files.limit), String(limitBytes));
  } catch (error) {
    throw new NotMeasurableError(`a cgroup with a memory limit cannot be made (root can): ${String(error)}`);
  }
  const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
  const procs = join(folder, 'cgroup.procs');
  return {
    limitBytes,
    nodeOptions: workerNodeOptions(limit).split(' '),
    entered: command => ['sh', '-c', `echo $$ > ${procs} && exec "$@"`, 'sh', ...command],
    heldBytes: () => Number(files.held.exec(read('memory.stat'))?.[1] ?? 0),
    peakBytes: () => Number(read(files.peak)),
    kills: () => Number(/^oom_kill (\d+)$/m.exec(read(files.events))?.[1] ?? 0),
    remove: () => rmdirSync(folder),
  };
}
