import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exitCodes } from '../../src/api/exit-codes.ts';
import { RetryableError } from '../../src/domain/errors.ts';
import type { Engine } from '../../src/engine/port.ts';
import { settingsOn } from '../../src/registry/settings.ts';
import { isInPartition } from '../../src/workers/index/tree/partition.ts';
import { aPartitionedRun, hurriedClock } from '../support/worlds/a-partitioned-run.ts';
import { aRepository, type Changes, type TestRepository } from '../support/real/a-repository.ts';
import { aVersion, everything, type IndexedVersion } from '../support/real/an-indexed-version.ts';
import { sampleOf, seed } from '../support/objects/sampled.ts';
import { treeOfCommit } from '../support/checks/git-tree.ts';
import { untilKilled } from '../support/worlds/killed-run.ts';
import type { DumpedDocument } from '../support/checks/version-dump.ts';
import { onEveryEngine } from './engines.ts';

const lines = (count: number, text: string): string =>
  Array.from({ length: count }, (_, i) => `${text} ${i}\n`).join('');

const plain: Changes = Object.fromEntries(
  // Few of them need a grammar: each pod that meets one starts a thread for it.
  Array.from({ length: 48 }, (_, i) => [
    `src/part-${i % 5}/file-${i}.${i % 24 === 0 ? 'ts' : 'txt'}`,
    lines(1 + ((i * 37) % 140), `const n${i}`),
  ]),
);
const odd: Changes = {
  'README.md': '# Title\n',
  'empty.txt': '',
  'a b/ü.txt': 'umlaut\n',
  'latin1:caf\xe9.txt': 'bytes\n',
  '100%25.txt': 'percent\n',
  'run.sh': { executable: 'true\n' },
  link: { link: '/etc/passwd' },
  'package-lock.json': '{}\n',
  'logo.png': Buffer.from([0x89, 0, 1]),
  'lib/generated.ts': 'generated\n',
  '.gitattributes': 'lib/** linguist-generated\n',
};

describe('a run over partitions', () => {
  let repository: TestRepository;
  let commit: string;
  beforeAll(async () => {
    repository = await aRepository();
    commit = await repository.commit({ ...plain, ...odd });
  });
  afterAll(() => repository.remove());

  onEveryEngine((bench, on) => {
    const aNewVersion = (alias?: string) => aVersion(bench().engine, bench().prefix, alias);
    const over = (version: IndexedVersion, count: number, at = commit) =>
      aPartitionedRun(version, { repository: repository.path, commit: at }, count);

    /** The same commit in one piece, in a version of the same alias. */
    async function inOnePiece(alias: string, at = commit): Promise<IndexedVersion> {
      const version = await aNewVersion(alias);
      expect(await version.run(repository.path, at)).toMatchObject({ exitCode: exitCodes.done });
      return version;
    }

    async function expectSame(version: IndexedVersion, whole: IndexedVersion): Promise<void> {
      expect(await version.dump()).toEqual(await whole.dump());
      const { files, chunks, skipped, fingerprint, tree, selectionHash } = await whole.record();
      expect(await version.record()).toMatchObject({
        ...{ commit, phase: 'Complete', clean: true, files, chunks, skipped, fingerprint, tree, selectionHash },
        writer: { held: false },
      });
    }

    // The most that there may be, where that is no matter of minutes.
    const counts = [1, 2, 3, 7, on === 'fake' ? 64 : 16];
    it.each(sampleOf(2, counts))(
      `ends in the documents of the Git tree and of one piece when there are %i (seed ${seed})`,
      async count => {
        const version = await aNewVersion();
        const ends = await over(version, count).all(4);
        expect(ends.map(end => [end.exitCode, ...end.result.errors])).toEqual(ends.map(() => [exitCodes.done]));
        await expectSame(version, await inOnePiece(version.alias));
        expect(textsIn(await version.dump())).toMatchObject(await plainTextsOf(repository, commit));
        const recorded = await version.record();
        const sum = ends.reduce((files, end) => files + end.result.files.total, 0);
        expect({ sum }).toEqual({ sum: recorded.files });
        const [index] = await bench().engine.indices.describe(version.index);
        expect(Object.keys(index?.aliases ?? {})).toEqual([`${version.index}.W${recorded.writer.epoch}`]);
      },
      600_000,
    );

    it('goes on in the middle of a part whose pod was killed, without doing finished files again', async () => {
      const version = await aNewVersion();
      const run = over(version, 2);
      const doomed = untilKilled(bench().engine, { at: 6, when: 'after' });
      const settings = settingsOn(doomed.engine, `${bench().prefix}-settings`);
      const slow = { bulkBytes: 4096, bulkConcurrency: 1 };
      await run.pod(0, { input: slow, ports: { engine: doomed.engine, settings } });
      expect(doomed.isDead()).toBe(true);
      const counting = countingBulks(bench().engine);
      await bench().engine.indices.refresh(version.index);
      const finished = await bench().engine.indices.count(version.index, { term: { doc: 'file' } });
      const resumed = await run.pod(0, { ports: { engine: counting.engine, clock: hurriedClock } });
      expect(resumed).toMatchObject({ exitCode: exitCodes.done });
      const written = new Set(counting.ids.filter(id => id.startsWith('f.'))).size;
      expect(finished).toBeGreaterThan(0);
      expect({ finished, written }).toEqual({ finished, written: resumed.result.files.total - finished });
      await run.pod(1);
      await expectSame(version, await inOnePiece(version.alias));
    });

    it('lets a second pod of the same part wait for the first one and end well', async () => {
      const version = await aNewVersion();
      const run = over(version, 2);
      const [first, second] = await Promise.all([run.pod(0), run.pod(0)]);
      // The one that came second either waited until the part was done, or is to be tried again by the Job.
      for (const { exitCode } of [first, second]) expect([exitCodes.done, exitCodes.transient]).toContain(exitCode);
      expect([first.exitCode, second.exitCode]).toContain(exitCodes.done);
      expect(await run.pod(0)).toMatchObject({ exitCode: exitCodes.done, result: { files: { indexed: 0 } } });
      await run.pod(1);
      await expectSame(version, await inOnePiece(version.alias));
    });

    it('shuts a stopped pod of a part out, while another part writes on', async () => {
      const version = await aNewVersion();
      const run = over(version, 2);
      const held: (() => Promise<unknown>)[] = [];
      await run.pod(0, { ports: { clock: hurriedClock, ...stoppedAfterSending(bench(), held) } });
      expect(held.length).toBeGreaterThan(0);
      const [resumed, other] = await Promise.all([run.pod(0, { ports: { clock: hurriedClock } }), run.pod(1)]);
      expect([resumed.exitCode, other.exitCode]).toEqual([exitCodes.done, exitCodes.done]);
      for (const send of held) await send();
      await expectSame(version, await inOnePiece(version.alias));
    });

    it('brings a version that an earlier run left half full to another commit', async () => {
      const version = await aNewVersion();
      const older = await repository.commit({ 'old.txt': lines(100, 'old'), 'README.md': '# Old\n' }, 'older');
      await over(version, 3, older).pod(1);
      const at = hurriedClock.now().getTime();
      const run = over(version, 2);
      expect(await run.pod(0, { ports: { clock: hurriedClock } })).toMatchObject({ exitCode: exitCodes.done });
      // The lease of the earlier run was not given back: it had to run out first.
      expect(hurriedClock.now().getTime() - at).toBeGreaterThanOrEqual(15_000);
      expect(await run.pod(1)).toMatchObject({ exitCode: exitCodes.done });
      await expectSame(version, await inOnePiece(version.alias));
    });

    it('refuses a selection that leaves nothing of the whole tree, and not one that leaves a part empty', async () => {
      const nothing = await over(await aNewVersion(), 2).pod(0, {
        input: { selection: { ...everything, include: ['*.nothing'] } },
      });
      expect(nothing).toMatchObject({ exitCode: exitCodes.badConfiguration, result: { reason: 'NothingSelected' } });
      const version = await aNewVersion();
      const few = { ...everything, include: ['README.md'] };
      const run = over(version, 3);
      for (const partition of [0, 1, 2]) {
        const isThere = isInPartition('README.md', { index: partition, count: 3 });
        const end = await run.pod(partition, { input: { selection: few } });
        expect(end).toMatchObject({ exitCode: exitCodes.done, result: { files: { total: isThere ? 1 : 0 } } });
      }
      expect(await version.record()).toMatchObject({ files: 1, clean: true });
    });

    it('ends a part for good when its documents are spoiled while it is verified', async () => {
      const version = await aNewVersion();
      const { engine } = bench();
      const spoiling: Engine = {
        ...engine,
        indices: { ...engine.indices, count: async (...args) => (await engine.indices.count(...args)) + 1 },
      };
      const end = await over(version, 2).pod(0, { ports: { engine: spoiling } });
      expect(end).toMatchObject({ exitCode: exitCodes.verificationFailed, result: { reason: 'VerificationFailed' } });
    });
  });
});

/** Ids that bulks through it named. */
function countingBulks(engine: Engine): { readonly engine: Engine; readonly ids: readonly string[] } {
  const ids: string[] = [];
  const bulk: Engine['documents']['bulk'] = (body, options) => {
    ids.push(
      ...[
        ...Buffer.from(body)
          .toString('utf8')
          .matchAll(/"_id":"([^"]+)"/g),
      ].map(match => match[1] ?? ''),
    );
    return engine.documents.bulk(body, options);
  };
  return { engine: { ...engine, documents: { ...engine.documents, bulk } }, ids };
}

/** A pod that is stopped right after its bulks left: nothing of it is answered any more, its leases are not renewed. */
function stoppedAfterSending({ engine, prefix }: { engine: Engine; prefix: string }, held: (() => Promise<unknown>)[]) {
  const stopped = () => Promise.reject(new RetryableError('EngineUnavailable', 'stopped'));
  const settings = settingsOn(engine, `${prefix}-settings`);
  return {
    engine: {
      ...engine,
      documents: {
        ...engine.documents,
        bulk: (...args: Parameters<Engine['documents']['bulk']>) => {
          held.push(() => engine.documents.bulk(...args));
          return stopped();
        },
      },
    },
    settings: { ...settings, renew: stopped, release: stopped },
  };
}

/** Text by path, put together from the chunks. */
function textsIn(documents: readonly DumpedDocument[]): Record<string, string> {
  const chunks = documents.filter(({ source }) => source['doc'] === 'chunk');
  const texts: Record<string, string> = {};
  for (const { source } of chunks.toSorted((a, b) => Number(a.source['seq']) - Number(b.source['seq']))) {
    const path = String(source['filePath']);
    texts[path] = (texts[path] ?? '') + String(source['content']);
  }
  return texts;
}

/** What Git itself says of the plain files. */
async function plainTextsOf(repository: TestRepository, commit: string): Promise<Record<string, string>> {
  const tree = await treeOfCommit(repository.path, commit);
  return Object.fromEntries(tree.filter(file => file.path in plain).map(file => [file.path, file.text]));
}
