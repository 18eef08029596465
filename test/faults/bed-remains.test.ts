import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { BedState } from '../bed/state.ts';

// A bed beside the usual one, whose parts are stand-ins that only sleep: set before the modules of the bed are read.
process.env['REINDEER_BED'] = 'remains';
const { run } = await import('../bed/command.ts');
const { removeBed } = await import('../bed/down.ts');
const { leftovers } = await import('../bed/leftovers.ts');
const { clearAway, seeBed } = await import('../bed/lifecycle.ts');
const { partsOf } = await import('../bed/parts.ts');
const { killProcesses, startProcess } = await import('../bed/processes.ts');
const { RefusedError } = await import('../bed/refused.ts');
const { stateFile } = await import('../bed/state.ts');
const { isRoot } = await import('../bed/tools.ts');
const { thisBed } = await import('../bed/which-bed.ts');

const { home, hostInterface, cgroupRoot } = thisBed();

describe('a bed of which only parts are left', () => {
  beforeEach(async () => removeBed(home));
  afterEach(async () => removeBed(home));

  it('is used and not touched while all of it lives', async () => {
    aBed(0);
    expect(await seeBed()).toMatchObject({ is: 'up', state: { level: 0 } });
    await expect(clearAway()).rejects.toThrow(RefusedError);
    expect(existsSync(stateFile(home))).toBe(true);
    expect(await seeBed()).toMatchObject({ is: 'up' });
  });

  it('is cleared away when every process of it is gone', async () => {
    const state = aBed(0);
    await killProcesses(home);
    expect(await seeBed()).toMatchObject({ is: 'broken', lacks: partsOf(state) });
    await clearAway();
    expect(leftovers(home)).toEqual([]);
  });

  it('is cleared away when half of its processes are gone, with the other half', async () => {
    aBed(0);
    await killProcesses(home, found => found.name === 'etcd' || found.name === 'elasticsearch-0');
    expect(await seeBed(0)).toMatchObject({ is: 'broken', lacks: ['etcd', 'elasticsearch-0'] });
    await clearAway(0);
    expect(leftovers(home)).toEqual([]);
  });

  it('is up again for a part that comes back while it is looked at', async () => {
    aBed(0);
    await killProcesses(home, found => found.name === 'etcd');
    const seen = seeBed();
    startProcess(home, standIn('etcd'));
    expect(await seen).toMatchObject({ is: 'up' });
  });

  it('lacks its network after a restart of the machine, whatever else runs', async () => {
    aBed(1);
    expect(await seeBed(0)).toMatchObject({
      is: 'broken',
      lacks: ['its network interface', 'the mount of its network'],
    });
    await clearAway(0);
    expect(leftovers(home)).toEqual([]);
  });

  it.each([
    ['empty', ''],
    ['half of it', JSON.stringify(aState(0)).slice(0, 200)],
    ['zeros', '\0'.repeat(512)],
    ['of something else', '{"provider":"cloud"}'],
    ['null', 'null'],
  ])('is cleared away when its description is torn: %s', async (_, torn) => {
    aBed(0);
    writeFileSync(stateFile(home), torn);
    expect(await seeBed()).toEqual({ is: 'none' });
    await clearAway();
    expect(leftovers(home)).toEqual([]);
  });

  it('is cleared away when its end was cut off at any point', async () => {
    aBed(0);
    rmSync(stateFile(home));
    await clearAway();
    expect(leftovers(home)).toEqual([]);
    mkdirSync(join(home, 'logs'), { recursive: true });
    await clearAway();
    expect(leftovers(home)).toEqual([]);
  });

  (isRoot() ? it : it.skip)('leaves no mount, interface or cgroup on the machine', async () => {
    aBed(1);
    const mount = join(home, 'containerd', 'state');
    mkdirSync(mount, { recursive: true });
    await run(['mount', '-t', 'tmpfs', 'tmpfs', mount]);
    await run(['ip', 'link', 'add', hostInterface, 'type', 'veth', 'peer', 'name', 'rbed-peer']);
    const hierarchy = existsSync('/sys/fs/cgroup/cgroup.controllers') ? '/sys/fs/cgroup' : '/sys/fs/cgroup/pids';
    mkdirSync(join(hierarchy, cgroupRoot, 'pod'), { recursive: true });
    await killProcesses(home);
    expect(leftovers(home).length).toBeGreaterThanOrEqual(4);
    await clearAway();
    expect(leftovers(home)).toEqual([]);
  });
});

/** A bed as far as a look from outside goes: its description, and a process under the name of each of its parts. */
function aBed(level: 0 | 1): BedState {
  const state = aState(level);
  mkdirSync(dirname(stateFile(home)), { recursive: true });
  writeFileSync(stateFile(home), JSON.stringify(state));
  for (const name of partsOf(state)) startProcess(home, standIn(name));
  return state;
}

function standIn(name: string): { readonly name: string; readonly command: readonly string[] } {
  return { name, command: ['sleep', '600'] };
}

function aState(level: 0 | 1): BedState {
  const file = join(home, 'ca.crt');
  const access = { url: 'https://bed.invalid', caFile: file, username: '', password: '' };
  return {
    provider: 'local',
    level,
    home,
    address: '127.0.0.1',
    kubeconfig: file,
    binaries: home,
    apiServer: { url: access.url, caFile: file, auditLog: file },
    engine: { type: 'Elasticsearch', distribution: 'elasticsearch', ...access, urls: [access.url], pids: [] },
    git: { ...access, token: '', reposDir: home },
  };
}
