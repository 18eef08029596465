import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { bytesOf, workerNodeOptions } from '../../../src/work/heap.ts';

describe('a quantity in bytes', () => {
  it.each([
    ['512Mi', 536_870_912],
    ['2Gi', 2_147_483_648],
    ['0.5Gi', 536_870_912],
    ['512M', 512_000_000],
    ['1e9', 1_000_000_000],
    ['1E3', 1_000],
    ['1E', 1e18],
    ['1000k', 1_000_000],
    ['134217728', 134_217_728],
    ['128000m', 128],
    ['.5Ki', 512],
  ])('%s is %d', (quantity, bytes) => {
    expect(bytesOf(quantity)).toBe(bytes);
  });

  it.each(['', 'Mi', '512MB', '-1', '1 Gi', '1e', 'NaN'])('"%s" says none', quantity => {
    expect(bytesOf(quantity)).toBeUndefined();
  });
});

describe('the heap of a worker', () => {
  it.each([
    ['a light run by default', '512Mi', '--max-old-space-size=102 --max-semi-space-size=4'],
    ['a heavy run by default', '2Gi', '--max-old-space-size=256'],
    ['a container that is too small for us', '128Mi', '--max-old-space-size=64 --max-semi-space-size=4'],
    ['the smallest with room for a young generation of the usual size', '1Gi', '--max-old-space-size=204'],
    ['a large container', '64Gi', '--max-old-space-size=256'],
    ['a limit in decimal units', '600M', '--max-old-space-size=114 --max-semi-space-size=4'],
    ['no limit', undefined, ''],
    ['a limit that cannot be read', 'plenty', ''],
  ])('of %s', (_of, limit, options) => {
    expect(workerNodeOptions(limit)).toBe(options);
  });
});

describe("the image's entry point", () => {
  const dockerfile = readFileSync(join(import.meta.dirname, '..', '..', '..', 'Dockerfile'), 'utf8');
  const entryPoint = JSON.parse(/^ENTRYPOINT (\[.*\])$/m.exec(dockerfile)?.[1] ?? '[]') as string[];

  /** What a program sees that the entry point starts, with this in its environment and these arguments. */
  function started(options: string | undefined, ...args: readonly string[]): { heapMb: number; args: string[] } {
    const folder = mkdtempSync(join(tmpdir(), 'reindeer-entry-'));
    try {
      const program = join(folder, 'main.mjs');
      const heap = "(await import('node:v8')).getHeapStatistics().heap_size_limit";
      const tell = `JSON.stringify({ heapMb: ${heap} / 2 ** 20, args: process.argv.slice(2) })`;
      writeFileSync(program, `process.stdout.write(${tell});`);
      // Without tini, which this machine may lack: it only starts what follows.
      const [, , shell = '', ...rest] = entryPoint.map(part => part.replace('/app/dist/main.js', program));
      const env = {
        PATH: dirname(process.execPath) + ':/usr/bin:/bin',
        ...(options !== undefined && { REINDEER_NODE_OPTIONS: options }),
      };
      return JSON.parse(execFileSync(shell, [...rest, ...args], { env, encoding: 'utf8' })) as ReturnType<
        typeof started
      >;
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  it('gives Node the options that the operator set for the run, and the arguments as they are', () => {
    const { heapMb, args } = started(workerNodeOptions('512Mi'), 'worker', 'a b', '$HOME');
    expect(heapMb).toBeGreaterThan(100);
    expect(heapMb).toBeLessThan(130);
    expect(args).toEqual(['worker', 'a b', '$HOME']);
  });

  it.each([undefined, ''])('leaves Node alone without them (%p)', options => {
    const { heapMb, args } = started(options, 'operator');
    expect(heapMb).toBeGreaterThan(256);
    expect(args).toEqual(['operator']);
  });
});
