import { existsSync, readFileSync } from 'node:fs';
import { bedCgroups } from './cgroups.ts';
import { hasHostInterface } from './network.ts';
import { bedProcesses } from './processes.ts';
import { straysOf } from './strays.ts';
import { isRoot } from './tools.ts';

/** Everything that a bed in that folder still has on this machine, one line each; empty after a clean `down`. */
export function leftovers(home: string): readonly string[] {
  return [
    ...bedProcesses(home).map(found => `process ${found.pid} (${found.name})`),
    ...mountsBelow(home).map(mount => `mount ${mount}`),
    ...(isRoot() ? bedCgroups() : []).map(cgroup => `cgroup ${cgroup}`),
    ...(isRoot() && hasHostInterface() ? ['network interface of the bed'] : []),
    ...straysOf(home).map(stray => `file ${stray}`),
    ...(existsSync(home) ? [`folder ${home}`] : []),
  ];
}

/** Mount points in the folder, innermost first. The bed's network namespace is one of them. */
export function mountsBelow(folder: string): readonly string[] {
  const points = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map(line => line.split(' ')[4] ?? '')
    // The kernel writes a space in a path as \040.
    .map(point => point.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))));
  return points.filter(point => point.startsWith(`${folder}/`)).reverse();
}
