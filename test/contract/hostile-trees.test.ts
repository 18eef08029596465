import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aRepository, type Changes, type TestRepository } from '../support/real/a-repository.ts';
import { aVersion, type IndexedVersion } from '../support/real/an-indexed-version.ts';
import { rawObjects, type RawEntry } from '../support/real/raw-tree.ts';
import type { DumpedDocument } from '../support/checks/version-dump.ts';
import { onEveryEngine } from './engines.ts';

const file = (name: string, oid: string): RawEntry => ({ mode: '100644', name, oid });
const folder = (name: string, oid: string): RawEntry => ({ mode: '40000', name, oid });

/** Folders of 200 bytes each. */
const long = (bytes: number): string => `${'p'.repeat(200)}/`.repeat(Math.floor(bytes / 201));
const many = (count: number, path: (i: number) => string): Changes =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [path(i), `${i}\n`]));

/** What an author can push, and how many of its files are indexed. */
const pushes: readonly (readonly [string, Changes, number])[] = [
  ['a folder name of 40,000 bytes', { [`${'n'.repeat(40_000)}/x.ts`]: 'x\n' }, 0],
  ['100 paths of 8 kB', many(100, i => `${long(8000)}${i}/x.ts`), 100],
  ['folders that mean something to Git', many(6, i => `${[':(icase)a', ':!a', ':', '-x', '*', ':(top,glob)'][i] ?? ''}/x.ts`), 6],
  ['a path of 500 folders', { [`${'d/'.repeat(500)}x.ts`]: 'x\n' }, 1],
]; // prettier-ignore

describe('what an author pushes', () => {
  onEveryEngine(bench => {
    let repository: TestRepository;
    let version: IndexedVersion;
    beforeEach(async () => {
      repository = await aRepository();
      version = await aVersion(bench().engine, bench().prefix);
    });
    afterEach(() => repository.remove());

    /** The commit is indexed by a light run, which says so. */
    async function indexed(what: string, commit: string): Promise<readonly DumpedDocument[]> {
      const end = await version.run(repository.path, commit, { input: { mode: 'incremental' } });
      expect({ what, ...end.result }).toMatchObject({ what, outcome: 'succeeded', errors: [] });
      return version.dump();
    }

    /** The same, in the same documents as by a full run into another version; the paths of its files. */
    async function expectIndexed(what: string, commit: string): Promise<readonly string[]> {
      const documents = await indexed(what, commit);
      const whole = await aVersion(bench().engine, bench().prefix, version.alias);
      expect(await whole.run(repository.path, commit)).toMatchObject({ exitCode: 0 });
      expect({ what, documents }).toEqual({ what, documents: await whole.dump() });
      return pathsIn(documents);
    }

    it.each(pushes)(
      'never stops light runs: %s',
      async (what, changes, count) => {
        // Attributes are asked for, so every path goes to Git again. More stays than goes, or the selection would be refused.
        const attributes = { '.gitattributes': '*.gen linguist-generated\n' };
        const files = { ...attributes, 'a.txt': 'a\n', ...many(count + 10, i => `keep/${i}.txt`) };
        const before = pathsIn(await indexed(what, await nextCommit(files)));
        expect((await expectIndexed(what, await nextCommit(changes))).length).toBe(before.length + count);
        const gone = Object.fromEntries(Object.keys(changes).map(path => [path, null]));
        expect(pathsIn(await indexed(what, await nextCommit(gone)))).toEqual(before);
        expect(await expectIndexed(what, await nextCommit({ 'a.txt': 'b\n' }))).toEqual(before);
      },
      60_000,
    );

    it('may be a name twice in a tree: the last one counts, as where Git checks it out', async () => {
      const raw = rawObjects(repository);
      const [one, two, three] = ['one\n', 'two\n', 'three\n'].map(raw.blob) as [string, string, string];
      const inner = (...entries: RawEntry[]): RawEntry => folder('d', raw.tree(entries));
      const trees: readonly (readonly [string, readonly RawEntry[], object])[] = [
        ['a file twice', [file('a', one), file('x', one), file('x', two)], { a: one, x: two }],
        ['only the first of them changed', [file('a', one), file('x', three), file('x', two)], { a: one, x: two }],
        ['the last of them gone', [file('a', one), file('x', three)], { a: one, x: three }],
        ['a folder twice', [file('a', one), inner(file('x', one), file('z', one)), inner(file('x', two), file('y', two))], { 'a': one, 'd/x': two, 'd/y': two, 'd/z': one }],
        ['a folder beside a file of its name', [file('a', one), file('d', one), inner(file('x', two))], { 'a': one, 'd': one, 'd/x': two }],
        ['out of order', [file('x', one), file('d', two), file('a', three)], { a: three, d: two, x: one }],
        ['as it should be', [file('a', three), file('x', one)], { a: three, x: one }],
      ]; // prettier-ignore
      for (const [what, entries, expected] of trees) {
        await expectIndexed(
          what,
          lightly(() => raw.commit(raw.tree(entries))),
        );
        const files = (await version.dump()).filter(({ source }) => source['doc'] === 'file');
        expect({
          what,
          ...Object.fromEntries(files.map(({ source }) => [source['filePath'], source['git_file_hash']])),
        }).toEqual({ what, ...expected });
      }
    }, 60_000);

    it('may be names that are none to Git, with attributes among them', async () => {
      const raw = rawObjects(repository);
      const [one, two] = ['one\n', 'two\n'].map(raw.blob) as [string, string];
      const attributes = file('.gitattributes', raw.blob('*.gen linguist-generated\n'));
      const odd = (oid: string) => raw.tree([attributes, file('a.gen', oid), file('x', oid)]);
      const root = (oid: string) =>
        raw.tree([folder('..', odd(oid)), folder('.git', odd(oid)), attributes, file('a', one), file('b.gen', oid)]);
      for (const oid of [one, two]) {
        const paths = await expectIndexed(
          'odd names',
          lightly(() => raw.commit(root(oid))),
        );
        expect(paths).toEqual(expect.arrayContaining(['../x', '.git/x', 'a', 'b.gen']));
      }
    }, 60_000);

    it('may be a name of 200,000 bytes', async () => {
      const raw = rawObjects(repository);
      const [one, two] = ['one\n', 'two\n'].map(raw.blob) as [string, string];
      const attributes = file('.gitattributes', raw.blob('*.gen linguist-generated\n'));
      const long = [file('n'.repeat(200_000), one), folder('o'.repeat(200_000), raw.tree([file('x', one)]))];
      const trees = [[file('a', one)], [file('a', one), ...long], [file('a', two), ...long], [file('a', two)]];
      for (const entries of trees) {
        const commit = lightly(() => raw.commit(raw.tree([attributes, ...entries])));
        expect(await expectIndexed('a long name', commit)).toEqual(['.gitattributes', 'a']);
      }
    }, 60_000);

    it('may be folders so deep that Git lists them and does not compare them', async () => {
      const raw = rawObjects(repository);
      const blob = raw.blob('a\n');
      const deep = raw.deepTree(20_000, blob);
      await expectIndexed(
        'before',
        lightly(() => raw.commit(raw.tree([file('a', blob)]))),
      );
      const during = lightly(() => raw.commit(raw.tree([file('a', blob), folder('d', deep)])));
      expect(await expectIndexed('deep', during)).toEqual(['a']);
      const after = lightly(() => raw.commit(raw.tree([file('a', blob), file('b', blob)])));
      expect(await expectIndexed('after', after)).toEqual(['a', 'b']);
    }, 60_000);

    /** One run in sixteen compares everything all the same: not the ones here. */
    async function nextCommit(changes: Changes): Promise<string> {
      const commit = await repository.commit(changes);
      return commit.startsWith('0') ? nextCommit(changes) : commit;
    }
  });
});

function pathsIn(documents: readonly DumpedDocument[]): readonly string[] {
  const files = documents.filter(({ source }) => source['doc'] === 'file');
  return files.map(({ source }) => String(source['filePath'])).sort();
}

/** As `nextCommit`, for commits that differ each time. */
function lightly(make: () => string): string {
  for (;;) {
    const commit = make();
    if (!commit.startsWith('0')) return commit;
  }
}
