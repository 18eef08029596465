import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { IndexingEnd } from '../../src/workers/index/run-indexing.ts';
import { aPartitionedRun } from '../support/worlds/a-partitioned-run.ts';
import { aRepository, type TestRepository } from '../support/real/a-repository.ts';
import { aVersion } from '../support/real/an-indexed-version.ts';
import { onEveryEngine } from './engines.ts';

describe('a run that reads every file back', () => {
  let repository: TestRepository;
  let commit: string;
  beforeAll(async () => {
    repository = await aRepository();
    const files = Array.from(
      { length: 60 },
      (_, at) => [`f${at}.txt`, `line ${at} äöü 😀\n`.repeat(1 + at * 20)] as const,
    );
    commit = await repository.commit({ ...Object.fromEntries(files), 'empty.txt': '', 'yarn.lock': 'x\n' });
  });
  afterAll(() => repository.remove());

  onEveryEngine(bench => {
    it('says how many files and chunks those were, in one piece, in parts, and where there is nothing to do', async () => {
      const { engine, prefix } = bench();
      const whole = await aVersion(engine, prefix);
      const input = { digest: 'Full' } as const;
      const once = await whole.run(repository.path, commit, { input });
      const { files, chunks } = await whole.record();
      const digest = { of: 'Full', files, chunks };
      expect([files, once.exitCode, once.result.digest]).toEqual([62, 0, digest]);
      expect(await whole.run(repository.path, commit, { input })).toMatchObject({ result: { outcome: 'noop', digest } });

      const version = await aVersion(engine, prefix, `${prefix}-parts`);
      const parts = aPartitionedRun(version, { repository: repository.path, commit }, 3);
      const ends: IndexingEnd[] = [];
      for (const part of [0, 1, 2]) ends.push(await parts.pod(part, { input }));
      const sum = (field: 'files' | 'chunks'): number =>
        ends.reduce((total, { result }) => total + (result.digest?.[field] ?? 0), 0);
      expect([sum('files'), sum('chunks')]).toEqual([files, chunks]);
      expect((await parts.pod(1, { input })).result.digest).toEqual(ends[1]?.result.digest);
    }); // prettier-ignore

    it('reads a sample, or nothing, where that is asked for', async () => {
      const { engine, prefix } = bench();
      const version = await aVersion(engine, prefix);
      const sampled = await version.run(repository.path, commit);
      expect(sampled.result.digest).toMatchObject({ of: 'Sample', files: 50 });
      const other = await aVersion(engine, prefix, `${prefix}-none`);
      const { result } = await other.run(repository.path, commit, { input: { digest: 'None' } });
      expect(result.digest).toEqual({ of: 'None', files: 0, chunks: 0 });
    });
  });
});
