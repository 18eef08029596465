import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { diagnosis, type FoundChunk } from '../../../../src/workers/index/mend.ts';
import { compareTree } from '../../../../src/workers/index/plan/compare.ts';
import { PlanFile, type PlannedChange } from '../../../../src/workers/index/plan/plan-file.ts';
import { changeOf, type Wanted } from '../../../../src/workers/index/tree/change.ts';
import type { ManifestEntry } from '../../../../src/workers/index/tree/manifest.ts';
import { filePathOf, pathBytes } from '../../../../src/workers/index/tree/paths.ts';
import { createSelector } from '../../../../src/workers/index/tree/selection.ts';
import { Fingerprint, type FingerprintEntry } from '../../../../src/workers/index/verify/fingerprint.ts';
import { groupsOf, Sample, sampleSize } from '../../../../src/workers/index/verify/sample.ts';

const expectation = { branch: 'main', repoUrl: 'https://h/r', maxFileBytes: 1000, selectionChanged: false };
const found = (changed: Partial<ManifestEntry> = {}): ManifestEntry => ({
  filePath: 'a.ts',
  mode: '100644',
  oid: 'o1',
  state: 'indexed',
  skipReason: '',
  chunks: 3,
  size: 500,
  branch: 'main',
  repoUrl: 'https://h/r',
  ...changed,
});
const wanted = (changed: Partial<Wanted> = {}): Wanted => ({
  filePath: 'a.ts',
  mode: '100644',
  oid: 'o1',
  judged: 'read',
  ...changed,
});

describe('a file is left as it is', () => {
  it.each<[string, Wanted, ManifestEntry, object]>([
    ['when nothing is new', wanted(), found(), {}],
    ['when its content was skipped', wanted(), found({ state: 'skipped', skipReason: 'binary' }), {}],
    ['when it was too large', wanted(), found({ state: 'skipped', skipReason: 'too-large', size: 0 }), {}],
    ['when it is skipped for the same reason', wanted({ judged: 'lock-file' }), found({ state: 'skipped', skipReason: 'lock-file' }), {}],
    ['when other globs select it too', wanted(), found(), { selectionChanged: true }],
  ])('%s', (_, entry, document, changed) => {
    expect(changeOf(entry, document, { ...expectation, ...changed })).toBeUndefined();
  }); // prettier-ignore
});

describe('a file is written', () => {
  it.each<[string, Wanted, ManifestEntry | undefined, object]>([
    ['when there is none', wanted(), undefined, {}],
    ['for other content', wanted({ oid: 'o2' }), found(), {}],
    ['for another mode', wanted({ mode: '100755' }), found(), {}],
    ['for another branch', wanted(), found({ branch: 'old' }), {}],
    ['for another URL', wanted(), found({ repoUrl: 'https://old/r' }), {}],
    ['when it is to be skipped now', wanted({ judged: 'generated' }), found(), {}],
    ['when it is skipped for another reason now', wanted({ judged: 'generated' }), found({ state: 'skipped', skipReason: 'vendored' }), {}],
    ['when it is not to be skipped any more', wanted(), found({ state: 'skipped', skipReason: 'generated' }), {}],
    ['when it may be small enough now', wanted(), found({ state: 'skipped', skipReason: 'too-large', size: 0 }), { selectionChanged: true }],
    ['when it is too large now', wanted(), found(), { maxFileBytes: 499, selectionChanged: true }],
  ])('%s', (_, entry, document, changed) => {
    expect(changeOf(entry, document, { ...expectation, ...changed })).toMatchObject({ do: 'put', filePath: 'a.ts' });
  }); // prettier-ignore
});

async function* inPages<T>(items: readonly T[], size: number): AsyncGenerator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}

const byBytes = (a: Buffer, b: Buffer): number => Buffer.compare(a, b);

/** What a naive comparison with everything in memory finds. */
function naive(tree: ReadonlyMap<string, string>, manifest: ReadonlyMap<string, string>): readonly string[] {
  const puts = [...tree].filter(([path, oid]) => manifest.get(path) !== oid).map(([path]) => `put ${path}`);
  const removes = [...manifest.keys()].filter(path => !tree.has(path)).map(path => `remove ${path}`);
  return [...puts, ...removes].sort();
}

const paths = fc.oneof(
  fc.stringMatching(/^[ab./]{1,4}$/).map(text => Buffer.from(text)),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 3 }).map(text => Buffer.from(text)),
  fc.uint8Array({ minLength: 1, maxLength: 3 }).map(array => Buffer.from(array)),
  fc.stringMatching(/^[%2E59]{1,5}$/).map(text => Buffer.from(text)),
);
const sides = fc
  .array(fc.tuple(paths, fc.constantFrom('o1', 'o2')), { maxLength: 40 })
  .map(entries => new Map(entries.map(([path, oid]) => [filePathOf(path), oid] as const)));

describe('the comparison of a tree with a manifest', () => {
  const select = createSelector({ maxFileBytes: 1000 }, () => false);

  it('finds what a comparison in memory finds, whatever the paths and wherever pages end', async () => {
    const finds = async (tree: Map<string, string>, manifest: Map<string, string>, page: number): Promise<void> => {
      const entries = [...tree]
        .map(([filePath, oid]) => ({ mode: '100644', oid, path: pathBytes(filePath) }))
        .sort((a, b) => byBytes(a.path, b.path));
      const documents = [...manifest]
        .map(([filePath, oid]) => found({ filePath, oid }))
        .sort((a, b) => byBytes(Buffer.from(a.filePath), Buffer.from(b.filePath)));
      const changes: string[] = [];
      for await (const batch of compareTree(
        inPages(entries, page),
        inPages(documents, page + 1),
        { select },
        expectation,
      ))
        for (const difference of batch)
          if (difference.is === 'change') changes.push(`${difference.change.do} ${difference.change.filePath}`);
      expect(changes.sort()).toEqual(naive(tree, manifest));
    };
    await fc.assert(fc.asyncProperty(sides, sides, fc.integer({ min: 1, max: 7 }), finds));
  });
});

describe('a fingerprint', () => {
  const entry = fc.record({
    filePath: fc.string({ minLength: 1 }),
    mode: fc.constantFrom('100644', '100755'),
    oid: fc.stringMatching(/^[0-9a-f]{8}$/),
    state: fc.constantFrom('indexed' as const, 'skipped' as const),
  });
  const of = (entries: readonly FingerprintEntry[], printed = ''): string => {
    const fingerprint = new Fingerprint(printed);
    for (const each of entries) fingerprint.add(each);
    return fingerprint.toString();
  };

  it('is the same in every order, in parts, and after something was added and removed', () => {
    const holds = (entries: FingerprintEntry[], more: FingerprintEntry): void => {
      const whole = of(entries);
      expect(of([...entries].reverse())).toBe(whole);
      expect(of(entries.slice(2), of(entries.slice(0, 2)))).toBe(whole);
      const changed = new Fingerprint(whole);
      changed.add(more);
      changed.remove(more);
      expect(changed.toString()).toBe(whole);
    };
    fc.assert(fc.property(fc.array(entry), entry, holds));
  });

  it('differs for another path, mode, content or state', () => {
    const one = { filePath: 'a', mode: '100644', oid: 'o', state: 'indexed' } as const;
    const others = [{ filePath: 'b' }, { mode: '100755' }, { oid: 'p' }, { state: 'skipped' as const }];
    expect(new Set([one, ...others.map(other => ({ ...one, ...other }))].map(each => of([each]))).size).toBe(5);
  });
});

describe('what is wrong with a file after a crash', () => {
  const chunk = (seq: number, oid = 'o1'): FoundChunk => ({ filePath: 'a.ts', id: `${oid}.${seq}`, oid, seq });
  const whole = [chunk(0), chunk(1), chunk(2)];

  it.each<[string, ManifestEntry | undefined, readonly FoundChunk[], object]>([
    ['nothing', found(), whole, { surplus: [], isFileBroken: false }],
    ['chunks of other content', found(), [...whole, chunk(0, 'o2')], { surplus: [chunk(0, 'o2')], isFileBroken: false }],
    ['a number too high', found(), [...whole, chunk(3)], { surplus: [chunk(3)], isFileBroken: false }],
    ['a missing chunk: all goes', found(), [chunk(0), chunk(2)], { surplus: [chunk(0), chunk(2)], isFileBroken: true }],
    ['no file document: all goes', undefined, whole, { surplus: whole, isFileBroken: false }],
    ['chunks of a skipped file', found({ state: 'skipped', chunks: 0 }), [chunk(0)], { surplus: [chunk(0)], isFileBroken: false }],
  ])('%s', (_, file, chunks, expected) => {
    expect(diagnosis(file, chunks)).toEqual(expected);
  }); // prettier-ignore
});

describe('a plan on disk', () => {
  it('gives back what was written, line ends of every kind included', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'reindeer-plan-'));
    const plan = new PlanFile(join(folder, 'plan'));
    const changes = ['a', 'b\nc', 'd\u2028e', '"\\'].map((filePath): PlannedChange => ({
      change: { do: 'put', ...wanted({ filePath }) },
      sizeBytes: 7,
    }));
    const readBack = async (): Promise<readonly PlannedChange[]> => {
      const read: PlannedChange[] = [];
      for await (const change of plan.read()) read.push(change);
      return read;
    };
    expect(await readBack()).toEqual([]);
    async function* source() {
      yield* changes;
    }
    await plan.write(source());
    expect([plan.count, await readBack()]).toEqual([4, changes]);
    rmSync(folder, { recursive: true });
  });
});

describe('a sample', () => {
  it('is of at least 50 files, and of one in a thousand beyond 50,000', () => {
    expect([sampleSize(10), sampleSize(50_000), sampleSize(200_001)]).toEqual([50, 50, 201]);
  });

  it('is the same for the same seed in every order, and another one for another seed', () => {
    const all = Array.from({ length: 500 }, (_, i) => `file-${i}`);
    const pick = (seed: string, files: readonly string[]): readonly string[] => {
      const sample = new Sample(seed, 20);
      for (const filePath of files) sample.offer({ filePath, chunks: 1 });
      return sample.files.map(file => file.filePath);
    };
    expect(pick('x', all)).toHaveLength(20);
    expect(pick('x', [...all].reverse())).toEqual(pick('x', all));
    expect(pick('y', all)).not.toEqual(pick('x', all));
  });

  it('is looked at in groups that fit into one answer', () => {
    const files = [3, 3, 5, 20, 1, 1].map((chunks, i) => ({ filePath: `${i}`, chunks }));
    const groups = groupsOf(files, 10).map(group => group.map(file => file.chunks));
    expect(groups).toEqual([[3, 3], [5], [20], [1, 1]]);
    expect(groupsOf([], 10)).toEqual([]);
  });
});
