import { existsSync, rmSync } from 'node:fs';
import { removeCgroups } from './cgroups.ts';
import { attempt } from './command.ts';
import { removeCluster } from './kind-engine.ts';
import { restoreKernelSettings } from './kernel-settings.ts';
import { leftovers, mountsBelow } from './leftovers.ts';
import { removeHostInterface } from './network.ts';
import { killProcesses } from './processes.ts';
import { stateFile } from './state.ts';
import { straysOf } from './strays.ts';
import { isRoot } from './tools.ts';

/**
 * Ends everything that a bed in that folder has on this machine, whatever state it is in: complete, half started, or
 * left behind by a kill. Throws when something cannot be removed.
 */
export async function removeBed(home: string): Promise<void> {
  // First of all: a bed of which half is gone must not be taken for one that is up, should this be killed.
  rmSync(stateFile(home), { force: true });
  await removeCluster(home);
  // What starts other things goes first: nothing restarts a pod once the kubelet and the containers' keepers are gone.
  await killProcesses(home, found => found.name === 'kubelet');
  await killProcesses(home);
  if (isRoot()) {
    await removeCgroups();
    for (const stray of straysOf(home)) rmSync(stray, { force: true });
    restoreKernelSettings(home);
    for (const mount of mountsBelow(home)) {
      if ((await attempt(['umount', mount])) === undefined) await attempt(['umount', '--lazy', mount]);
    }
    await removeHostInterface();
  }
  if (existsSync(home) && mountsBelow(home).length === 0) rmSync(home, { recursive: true, force: true });
  const left = leftovers(home);
  if (left.length > 0) throw new Error(`the bed could not be removed completely:\n  ${left.join('\n  ')}`);
}
