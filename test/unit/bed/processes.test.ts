import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { bedProcesses, killProcesses, startProcess } from '../../bed/processes.ts';

describe('the processes of a bed', () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'reindeer-processes-'));
  });
  afterEach(async () => {
    await killProcesses(home);
    rmSync(home, { recursive: true });
  });

  it('are seen while one program takes the place of another in them', () => {
    const places = 1000;
    const { pid } = startProcess(home, {
      name: 'traveller',
      command: [...Array<string>(places).fill('env'), 'sleep', '60'],
    });
    const looks: number[] = [];
    do looks.push(bedProcesses(home).length);
    while (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('sleep'));
    expect(looks.length).toBeGreaterThan(10);
    expect(looks.filter(found => found !== 1)).toEqual([]);
  });
});
