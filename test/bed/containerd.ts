import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Removes what containerd and its parts write outside of the bed's folder. */
export function removeContainerTraces(home: string): void {
  const tasks = join(containerdState(home), 'io.containerd.runtime.v2.task', 'k8s.io');
  for (const task of existsSync(tasks) ? readdirSync(tasks) : []) {
    const address = join(tasks, task, 'address');
    // The keeper of a container removes its socket when it ends, unless it was killed.
    if (existsSync(address)) rmSync(readFileSync(address, 'utf8').replace(/^unix:\/\//, ''), { force: true });
  }
}

function containerdState(home: string): string {
  return join(home, 'containerd', 'state');
}
