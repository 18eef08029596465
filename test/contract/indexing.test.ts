import { exitCodes } from '../../src/api/exit-codes.ts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Engine } from '../../src/engine/port.ts';
import type { IndexingEnd } from '../../src/workers/index/run-indexing.ts';
import { aRepository, type Changes, type TestRepository } from '../support/real/a-repository.ts';
import { aVersion, everything, type RunChanges } from '../support/real/an-indexed-version.ts';
import { sampleOf, seed } from '../support/objects/sampled.ts';
import type { DumpedDocument } from '../support/checks/version-dump.ts';
import { onEveryEngine } from './engines.ts';

const lines = (count: number, text: string): string =>
  Array.from({ length: count }, (_, i) => `${text} ${i}\n`).join('');
const oid = 'a'.repeat(40);

/** One tree after another; each names what changes. Every kind of change that a tree can know is in here. */
const chain: readonly (readonly [string, Changes])[] = [
  ['the first commit', { 'README.md': '# Title\n', 'src/a.ts': lines(300, 'const first'), 'src/b.ts': 'export const b = 1;\n' }],
  ['a change of content', { 'src/a.ts': lines(320, 'const second') }],
  ['an addition and a deletion', { 'src/c.ts': 'export const c = 2;\n', 'src/b.ts': null }],
  ['a rename', { 'src/a.ts': null, 'lib/a.ts': lines(320, 'const second') }],
  ['another case of the name', { 'src/c.ts': null, 'src/C.ts': 'export const c = 2;\n' }],
  ['a change of mode', { 'lib/a.ts': { executable: lines(320, 'const second') } }],
  ['a file that becomes a link', { 'README.md': { link: '/etc/passwd' } }],
  ['a link that becomes a file', { 'README.md': '# Title again\n' }],
  ['a file that becomes a folder', { 'src/C.ts': null, 'src/C.ts/index.ts': 'export {};\n' }],
  ['a submodule', { vendor: { submodule: oid } }],
  ['an empty file and CRLF', { 'empty.txt': '', 'dos.txt': 'one\r\ntwo\r\n' }],
  ['odd encodings', { 'bom.txt': '\ufeffbom\n', 'utf16.txt': Buffer.from('\ufefftext\n', 'utf16le'), 'latin.txt': Buffer.from('caf\xe9\n', 'latin1') }],
  ['odd paths', { 'a b/ü.txt': 'umlaut\n', 'latin1:caf\xe9.txt': 'bytes\n', '100%25.txt': 'percent\n', 'line\nend.txt': 'end\n', '\u{1f600}.txt': 'smile\n', '\uffee.txt': 'high\n' }],
  ['odd paths that change', { 'latin1:caf\xe9.txt': 'other bytes\n', '100%25.txt': null }],
  ['what is skipped', { 'package-lock.json': '{}\n', '.env': 'SECRET=1\n', 'logo.png': Buffer.from([0x89, 0, 1]), 'min.js': 'x'.repeat(30_000) }],
  ['a text that shrinks', { 'lib/a.ts': { executable: 'const small = 1;\n' } }],
  ['attributes that skip files', { '.gitattributes': 'lib/** linguist-generated\n', 'lib/b.ts': 'generated\n' }],
  ['attributes that take them back', { '.gitattributes': 'other/** linguist-vendored\n' }],
  ['an ignore file', { '.indexerignore': '*.txt\n!dos.txt\n' }],
  ['no ignore file any more', { '.indexerignore': null }],
]; // prettier-ignore

describe('indexing', () => {
  onEveryEngine(bench => {
    let repository: TestRepository;
    beforeEach(async () => {
      repository = await aRepository();
    });
    afterEach(() => repository.remove());

    const aNewVersion = (alias?: string) => aVersion(bench().engine, bench().prefix, alias);
    const incremental: RunChanges = { input: { mode: 'incremental' } };

    it('ends in the same documents whether each commit is indexed in turn or only the last one', async () => {
      const version = await aNewVersion();
      const steps = chain.map(([what]) => what);
      const compared = new Set([...sampleOf(3, steps), steps.at(-1)]);
      console.log(`seed ${seed}: compared after ${[...compared].join(', ')}`);
      for (const [what, changes] of chain) {
        const commit = await repository.commit(changes);
        const end = await version.run(repository.path, commit, incremental);
        expect({ what, ...end.result }).toMatchObject({ what, outcome: 'succeeded', verify: 'ok' });
        if (!compared.has(what)) continue;
        const whole = await aNewVersion(version.alias);
        expect(await whole.run(repository.path, commit)).toMatchObject({ exitCode: 0 });
        expect({ what, documents: await version.dump() }).toEqual({ what, documents: await whole.dump() });
        const [one, other] = [await version.record(), await whole.record()];
        expect(one).toMatchObject({ files: other.files, chunks: other.chunks, fingerprint: other.fingerprint });
      }
    }, 120_000);

    it('compares the whole tree after a history that was written anew', async () => {
      const version = await aNewVersion();
      await done(
        version.run(repository.path, await repository.commit({ 'a.txt': 'a\n', 'b.txt': 'b\n', 'c.txt': 'c\n' })),
      );
      const rewritten = await repository.rewrite({ 'b.txt': 'b\n', 'd.txt': 'd\n' });
      const withOld = await version.record();
      // The repository lost the commit that the version was made from.
      await repository.git('reflog', 'expire', '--expire=now', '--all');
      await repository.git('gc', '--quiet', '--prune=now');
      const end = await done(version.run(repository.path, rewritten, incremental));
      expect(end.result).toMatchObject({
        outcome: 'succeeded',
        base: withOld.commit,
        files: { deleted: 2, indexed: 1 },
      });
      expect(paths(await version.dump())).toEqual(['b.txt', 'd.txt']);
    });

    it('has nothing to do for the commit that it holds', async () => {
      const version = await aNewVersion();
      const commit = await repository.commit({ 'a.txt': 'a\n' });
      await done(version.run(repository.path, commit));
      const before = await version.record();
      expect(await version.run(repository.path, commit, incremental)).toMatchObject({
        exitCode: 0,
        result: { outcome: 'noop', files: { total: 1, indexed: 0 } },
      });
      expect(await version.record()).toEqual(before);
    });

    it('moves the commit without a write when the change is not selected', async () => {
      const version = await aNewVersion();
      const selection = { ...everything, exclude: ['docs/**'] };
      const first = await repository.commit({ 'a.txt': 'a\n', 'docs/x.md': 'x\n' });
      await done(version.run(repository.path, first, { input: { selection } }));
      const commit = await repository.commit({ 'docs/x.md': 'y\n' });
      const end = await version.run(repository.path, commit, { input: { selection, mode: 'incremental' } });
      expect(end.result).toMatchObject({ outcome: 'succeeded', files: { total: 1, indexed: 0, deleted: 0 } });
      expect(await version.record()).toMatchObject({ commit, clean: true });
    });

    it('repairs another selection in place', async () => {
      const version = await aNewVersion();
      const commit = await repository.commit({ 'a.txt': 'a\n', 'big.txt': lines(200, 'big'), 'src/b.ts': 'b\n' });
      const small = { include: ['**/*.txt', '*.txt'], exclude: [], maxFileBytes: 100 };
      await done(version.run(repository.path, commit, { input: { selection: small } }));
      expect(states(await version.dump())).toEqual({ 'a.txt': 'indexed', 'big.txt': 'too-large' });
      await done(version.run(repository.path, commit, incremental));
      expect(states(await version.dump())).toEqual({ 'a.txt': 'indexed', 'big.txt': 'indexed', 'src/b.ts': 'indexed' });
      await done(version.run(repository.path, commit, { input: { selection: small, mode: 'incremental' } }));
      expect(states(await version.dump())).toEqual({ 'a.txt': 'indexed', 'big.txt': 'too-large' });
    });

    it('never reads through a symlink', async () => {
      const version = await aNewVersion();
      const commit = await repository.commit({
        'x.txt': { link: '/etc/hostname' },
        up: { link: '..' },
        'a.txt': 'a\n',
      });
      await done(version.run(repository.path, commit));
      expect(states(await version.dump())).toEqual({ 'a.txt': 'indexed', up: 'symlink', 'x.txt': 'symlink' });
      expect((await version.dump()).filter(document => document.source['doc'] === 'chunk')).toHaveLength(1);
    });

    it('gives a rename and a mode change only the writes that they need', async () => {
      const version = await aNewVersion();
      const text = lines(300, 'const line');
      await done(version.run(repository.path, await repository.commit({ 'a.ts': text, 'b.ts': 'b\n' })));
      const commit = await repository.commit({ 'a.ts': { executable: text } });
      const end = await done(version.run(repository.path, commit, incremental));
      expect(end.result).toMatchObject({ files: { indexed: 1 }, chunks: { written: 0, deleted: 0 } });
    });

    it('ends an empty tree with an empty version', async () => {
      const version = await aNewVersion();
      const commit = await repository.commit({ 'a.txt': 'a\n' });
      const empty = await repository.commit({ 'a.txt': null });
      expect((await version.run(repository.path, empty)).exitCode).toBe(exitCodes.done);
      expect(await version.dump()).toEqual([]);
      expect((await version.run(repository.path, commit, incremental)).exitCode).toBe(exitCodes.done);
    });

    it('reads a repository of SHA-256 objects', async () => {
      const modern = await aRepository({ format: 'sha256' });
      const version = await aNewVersion();
      const commit = await modern.commit({ 'a.txt': 'a\n' });
      expect(commit).toHaveLength(64);
      expect(await version.run(modern.path, commit)).toMatchObject({ exitCode: 0 });
      modern.remove();
    });

    describe('refuses', () => {
      it('a selection that leaves nothing of a tree', async () => {
        const version = await aNewVersion();
        const commit = await repository.commit({ 'a.txt': 'a\n' });
        const end = await version.run(repository.path, commit, {
          input: { selection: { ...everything, include: ['*.nothing'] } },
        });
        expect(end).toMatchObject({ exitCode: exitCodes.badConfiguration, result: { reason: 'NothingSelected' } });
      });

      it('an incremental run that would leave less than half of the files, and leaves the version alone', async () => {
        const version = await aNewVersion();
        const commit = await repository.commit({ 'a.txt': 'a\n', 'b.txt': 'b\n', 'c.txt': 'c\n' });
        await done(version.run(repository.path, commit));
        const before = await version.dump();
        const gone = await repository.commit({ 'a.txt': null, 'b.txt': null });
        const end = await version.run(repository.path, gone, incremental);
        expect(end).toMatchObject({ exitCode: exitCodes.badConfiguration, result: { reason: 'NothingSelected' } });
        expect(await version.dump()).toEqual(before);
        expect(await version.record()).toMatchObject({ commit, clean: true });
      });

      it('a version of another document model', async () => {
        const version = await aNewVersion();
        const commit = await repository.commit({ 'a.txt': 'a\n' });
        await version.settings.changeVersion(version.index, record => ({ ...record, chunkerHash: 'another' }));
        expect((await version.run(repository.path, commit)).exitCode).toBe(exitCodes.fullReindexNeeded);
      });

      it('a commit that the repository does not have', async () => {
        const version = await aNewVersion();
        await repository.commit({ 'a.txt': 'a\n' });
        expect((await version.run(repository.path, 'b'.repeat(40))).exitCode).toBe(exitCodes.refGone);
      });

      it('a version without a record', async () => {
        const version = await aNewVersion();
        const commit = await repository.commit({ 'a.txt': 'a\n' });
        await version.settings.deleteVersion(version.index);
        expect(await version.run(repository.path, commit)).toMatchObject({ result: { reason: 'Drifted' } });
      });
    });

    it('leaves the live version alone while a heavy run holds the alias', async () => {
      const version = await aNewVersion();
      await done(version.run(repository.path, await repository.commit({ 'a.txt': 'a\n' })));
      await version.settings.changeVersion(version.index, record => ({ ...record, phase: 'Live' }));
      const heavy = { kind: 'Heavy', name: 'heavy', uid: 'heavy', pod: '' } as const;
      await version.settings.acquire({ of: 'alias', alias: version.alias }, heavy, { leaseSeconds: 60, tokenFloor: 0 });
      const commit = await repository.commit({ 'a.txt': 'b\n' });
      const skipped = await version.run(repository.path, commit, incremental);
      expect(skipped).toMatchObject({ exitCode: 0, result: { outcome: 'skipped', reason: 'HeldByRequest' } });
      const goesOn = { input: { mode: 'incremental', duringReindex: 'Continue' } } as const;
      expect(await version.run(repository.path, commit, goesOn)).toMatchObject({ result: { outcome: 'succeeded' } });
      const { lease } = (await version.settings.lockRecord(version.alias))!.source;
      await version.settings.release({ of: 'alias', alias: version.alias }, heavy, lease.token);
      const outside = { ...heavy, kind: 'External', uid: 'outside' } as const;
      await version.settings.acquire({ of: 'alias', alias: version.alias }, outside, {
        leaseSeconds: 60,
        tokenFloor: 0,
      });
      const next = await repository.commit({ 'a.txt': 'c\n' });
      // What an outside program builds is caught up by nobody before its switch.
      expect(await version.run(repository.path, next, goesOn)).toMatchObject({ result: { outcome: 'skipped' } });
    });

    it('mends what a run left that was cut short', async () => {
      const version = await aNewVersion();
      const files = { 'a.txt': lines(300, 'first text'), 'b.txt': lines(300, 'second text'), 'c.txt': 'c\n' };
      const commit = await repository.commit(files);
      await done(version.run(repository.path, commit));
      const whole = await version.dump();
      await damage(bench().engine, version.index, whole, 'chunk lost and orphan left');
      await version.settings.changeVersion(version.index, record => ({ ...record, clean: false }));
      expect(await version.run(repository.path, commit, incremental)).toMatchObject({
        result: { outcome: 'succeeded' },
      });
      expect(await version.dump()).toEqual(whole);
    });

    it('notices in its verification that somebody deleted documents, and repairs it', async () => {
      const version = await aNewVersion();
      await done(
        version.run(repository.path, await repository.commit({ 'a.txt': lines(300, 'text'), 'b.txt': 'b\n' })),
      );
      await damage(bench().engine, version.index, await version.dump(), 'chunk lost');
      const commit = await repository.commit({ 'b.txt': 'c\n' });
      expect(await version.run(repository.path, commit, incremental)).toMatchObject({
        result: { outcome: 'succeeded' },
      });
      const other = await aNewVersion(version.alias);
      await done(other.run(repository.path, commit));
      expect(await version.dump()).toEqual(await other.dump());
    });
  });
});

/** What a run that failed leaves says nothing of how it would have ended: the reason that it gives is what is to be seen. */
async function done(run: Promise<IndexingEnd>): Promise<IndexingEnd> {
  const end = await run;
  expect(end).toMatchObject({ exitCode: exitCodes.done, result: { errors: [] } });
  return end;
}

function paths(documents: readonly DumpedDocument[]): readonly string[] {
  const files = documents.filter(document => document.source['doc'] === 'file');
  return files.map(document => String(document.source['filePath'])).sort();
}

/** State of every file, or why it was skipped. */
function states(documents: readonly DumpedDocument[]): Record<string, unknown> {
  const files = documents.filter(document => document.source['doc'] === 'file');
  return Object.fromEntries(
    files.map(({ source }) => [String(source['filePath']), source['skip_reason'] ?? source['state']]),
  );
}

/** What a crash leaves: a chunk that is gone from under its file document, and one that no file document names. */
async function damage(
  engine: Engine,
  index: string,
  documents: readonly DumpedDocument[],
  what: 'chunk lost' | 'chunk lost and orphan left',
): Promise<void> {
  const chunk = documents.find(({ source }) => source['doc'] === 'chunk' && source['filePath'] === 'a.txt');
  if (chunk === undefined) throw new Error('a.txt has no chunk');
  const orphan = { ...chunk.source, filePath: 'gone.txt', chunk_id: 'c.orphan', indexed_at: '2026-01-01T00:00:00Z' };
  const lost = [{ delete: { _id: chunk.id } }];
  const operations = what === 'chunk lost' ? lost : [...lost, { index: { _id: 'c.orphan' } }, orphan];
  const body = operations.map(operation => `${JSON.stringify(operation)}\n`).join('');
  await engine.documents.bulk(Buffer.from(body), { target: index, requireAlias: false });
}
