import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { keepKernelSettings, restoreKernelSettings } from '../../bed/kernel-settings.ts';

let home: string;
let kernel: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'reindeer-home-'));
  kernel = mkdtempSync(join(tmpdir(), 'reindeer-kernel-'));
  set('vm/overcommit_memory', '0\n');
  set('kernel/panic', '0\n');
  set('kernel/keys/root_maxkeys', '1000000\n');
  set('kernel/hostname', 'machine\n');
});
afterEach(() => {
  for (const folder of [home, kernel]) rmSync(folder, { recursive: true });
});

function set(name: string, value: string): void {
  mkdirSync(dirname(join(kernel, name)), { recursive: true });
  writeFileSync(join(kernel, name), value);
}

const valueOf = (name: string): string => readFileSync(join(kernel, name), 'utf8');

describe('settings of the kernel that a kubelet changes', () => {
  it('are put back as they were, and no others', () => {
    keepKernelSettings(home, kernel);
    set('vm/overcommit_memory', '1\n');
    set('kernel/panic', '10\n');
    set('kernel/hostname', 'renamed\n');
    restoreKernelSettings(home, kernel);
    expect(
      ['vm/overcommit_memory', 'kernel/panic', 'kernel/keys/root_maxkeys', 'kernel/hostname'].map(valueOf),
    ).toEqual(['0\n', '0\n', '1000000\n', 'renamed\n']);
  });

  it('stay as they are where no kubelet was started, or the note of them was torn', () => {
    set('kernel/panic', '10\n');
    restoreKernelSettings(home, kernel);
    keepKernelSettings(home, kernel);
    const note = join(home, 'kernel-settings.json');
    writeFileSync(note, readFileSync(note, 'utf8').slice(0, -5));
    set('kernel/panic', '20\n');
    restoreKernelSettings(home, kernel);
    expect(valueOf('kernel/panic')).toBe('20\n');
  });
});
