import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { thisBed } from './which-bed.ts';

const HIERARCHIES = '/sys/fs/cgroup';
export const CGROUP_ROOT = thisBed().cgroupRoot;

/** Makes the root of the pods' cgroups, in every hierarchy of cgroup v1 or in the one of v2. */
export function createCgroups(): void {
  for (const hierarchy of hierarchies()) {
    const root = join(hierarchy, CGROUP_ROOT);
    mkdirSync(root, { recursive: true });
  }
}

/**
 * Gives what runs below the root the processor time of eight processes: a whole cluster in there, engine and control plane
 * too, would else have as much as any one process beside it, and fall behind its own deadlines on a busy machine.
 */
export function giveWeight(): void {
  const weights = [
    { file: join(HIERARCHIES, 'cpu', CGROUP_ROOT, 'cpu.shares'), usual: 1024 },
    { file: join(HIERARCHIES, CGROUP_ROOT, 'cpu.weight'), usual: 100 },
  ];
  for (const { file, usual } of weights.filter(({ file }) => existsSync(file))) writeFileSync(file, String(8 * usual));
}

/** The roots that are there now. */
export function bedCgroups(): readonly string[] {
  return hierarchies()
    .map(hierarchy => join(hierarchy, CGROUP_ROOT))
    .filter(root => existsSync(root));
}

/** Kills what runs in the pods' cgroups and removes them; throws when that takes more than 20 s. */
export async function removeCgroups(): Promise<void> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const left = bedCgroups();
    if (left.length === 0) return;
    if (performance.now() > deadline) throw new Error(`cgroups that cannot be removed: ${left.join(', ')}`);
    for (const root of left) killAndRemove(root);
    await sleep(100);
  }
}

function killAndRemove(cgroup: string): void {
  try {
    for (const entry of readdirSync(cgroup, { withFileTypes: true })) {
      if (entry.isDirectory()) killAndRemove(join(cgroup, entry.name));
    }
    for (const pid of readFileSync(join(cgroup, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean)) {
      process.kill(Number(pid), 'SIGKILL');
    }
    rmdirSync(cgroup);
  } catch {
    // Gone meanwhile, or its processes are still ending: the caller comes back.
  }
}

function hierarchies(): readonly string[] {
  if (!existsSync(HIERARCHIES)) return [];
  if (existsSync(join(HIERARCHIES, 'cgroup.controllers'))) return [HIERARCHIES];
  return readdirSync(HIERARCHIES, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(entry => join(HIERARCHIES, entry.name));
}
