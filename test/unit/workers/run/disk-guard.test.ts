import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TerminalError } from '../../../../src/domain/errors.ts';
import type { Clock } from '../../../../src/runtime/clock.ts';
import { guardDisk } from '../../../../src/workers/run/disk-guard.ts';

const mebibyte = 1024 * 1024;

describe('the disk of a run', () => {
  let folder: string;
  let told: TerminalError[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'reindeer-disk-'));
    told = [];
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Watches for some looks, before each of which something happens; ends by itself. */
  async function watch(limitBytes: number, ...between: readonly (() => void)[]): Promise<number> {
    const ended = new AbortController();
    let looks = 1;
    const clock: Clock = {
      now: () => new Date(0),
      sleep: async () => {
        const next = between[looks - 1];
        if (next) next();
        else ended.abort();
        looks += 1;
      },
    };
    await guardDisk({ folder, limitBytes, clock, signal: ended.signal, onFull: error => told.push(error) });
    return looks;
  }

  function write(name: string, bytes: number): void {
    mkdirSync(join(folder, 'store.git', 'pack'), { recursive: true });
    writeFileSync(join(folder, 'store.git', 'pack', name), Buffer.alloc(bytes));
  }

  it('may be used up to nine tenths', async () => {
    expect(
      await watch(
        10 * mebibyte,
        () => write('a', 5 * mebibyte),
        () => write('b', 4 * mebibyte),
      ),
    ).toBe(4);
    expect(told).toEqual([]);
  });

  it('that is nearly full ends the run, once, with both figures and what to raise', async () => {
    const fill = () => write('tmp_pack', 9.5 * mebibyte);
    expect(await watch(10 * mebibyte, () => undefined, fill, fill, fill)).toBe(3);
    expect(told).toMatchObject([
      {
        name: 'TerminalError',
        reason: 'RepositoryTooLarge',
        message: expect.stringMatching(/10 MiB on disk, of 10 MiB/),
      },
    ]);
    expect(told[0]?.message).toContain('raise ephemeral-storage');
  });

  it('whose size nobody said is not watched', async () => {
    write('a', mebibyte);
    expect(await watch(0)).toBe(1);
    expect(told).toEqual([]);
  });
});
