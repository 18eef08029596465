import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { exitCodes } from '../../src/api/exit-codes.ts';
import { indexVerb } from '../../src/cli/index-verb.ts';
import { lockBreakVerb } from '../../src/cli/lock-break.ts';
import { lockShowVerb } from '../../src/cli/lock-show.ts';
import { openPartition } from '../../src/fences/partition-fence.ts';
import { settingsOn } from '../../src/registry/settings.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { aCommandLine } from '../support/real/a-command-line.ts';
import { aRepository, type TestRepository } from '../support/real/a-repository.ts';
import { aVersion, type IndexedVersion } from '../support/real/an-indexed-version.ts';
import { pausableEngine, type PausableEngine } from '../support/fakes/pausable-engine.ts';
import { dumpVersion } from '../support/checks/version-dump.ts';
import { onEveryEngine } from './engines.ts';

const reason = { reason: 'the node is gone' };
const heavy = { kind: 'Heavy', name: 'ReindexRequest/kibana-8f3a', uid: 'request-1', pod: '' } as const;

describe('reindeer lock', () => {
  let repository: TestRepository;
  beforeEach(async () => {
    repository = await aRepository();
  });
  afterEach(() => repository.remove());

  onEveryEngine(bench => {
    const commandLine = () => aCommandLine(bench().engine, bench().prefix);
    const lockOf = async (alias: string) => (await commandLine().settings.lockRecord(alias))?.source;
    const isBulk = ({ name, args }: { name: string; args: readonly unknown[] }): boolean =>
      name === 'documents.bulk' && !(args[1] as { target: string }).target.endsWith('-settings');

    async function held(): Promise<IndexedVersion> {
      const version = await aVersion(bench().engine, bench().prefix);
      const options = { leaseSeconds: 60, tokenFloor: 0 };
      await version.settings.acquire({ of: 'alias', alias: version.alias }, heavy, options);
      const worker = { ...heavy, name: 'Job of team/kibana', uid: 'job-1', pod: 'pod-1' };
      await version.settings.acquire({ of: 'version', ...version }, worker, options);
      return version;
    }

    describe('show', () => {
      it('says who holds the lock and who writes into each version, with the write alias', async () => {
        const { alias, index } = await held();
        const cli = commandLine();
        expect(await lockShowVerb(cli, alias, 0)).toBe(0);
        const said = cli.said.join('\n');
        expect(said).toMatch(/^lock +held by ReindexRequest\/kibana-8f3a \(Heavy\)$/m);
        expect(said).toMatch(/^token +1$/m);
        expect(said).toMatch(/^renewed +not watched/m);
        expect(said).toMatch(
          new RegExp(`^${index} +Building +Job of team/kibana \\(Heavy\\) +2 +0 .* ${index}\\.W0$`, 'm'),
        );
      });

      it('tells a holder that renews from one that does not, when it watches', async () => {
        const { alias, index, settings } = await held();
        const worker = { ...heavy, name: 'Job of team/kibana', uid: 'job-1', pod: 'pod-1' };
        const renewWhileWatched = async (): Promise<void> => {
          await settings.renew({ of: 'version', alias, index }, worker, 2);
        };
        const cli = { ...commandLine(), clock: { ...systemClock, sleep: renewWhileWatched } };
        expect(await lockShowVerb(cli, alias, 60)).toBe(0);
        const said = cli.said.join('\n');
        expect(said).toMatch(/^renewed +not in 60 s of a 60 s lease$/m);
        expect(said).toMatch(new RegExp(`^${index} .* yes, within 60 s: its holder is alive`, 'm'));
      });

      it('says what is free, and knows an alias that was meant', async () => {
        const { alias } = await aVersion(bench().engine, bench().prefix);
        const cli = commandLine();
        await lockShowVerb(cli, alias, 0);
        expect(cli.said.join('\n')).toMatch(/^lock +free, and was never held$/m);
        await expect(lockShowVerb(cli, `${alias}x`, 0)).rejects.toThrow(`did you mean "${alias}"?`);
      });
    });

    describe('break', () => {
      it('frees lock and writers, moves the write alias, and writes down who did it and why', async () => {
        const version = await held();
        const { alias, index } = version;
        expect(await lockBreakVerb(commandLine(), alias, reason)).toBe(0);
        expect(await lockOf(alias)).toMatchObject({
          lease: { held: false, holder: null, epoch: 1 },
          broken: {
            by: 'ann@laptop',
            reason: 'the node is gone',
            held: [
              { of: 'lock', holder: heavy, token: 1 },
              { of: index, holder: { uid: 'job-1' }, token: 2 },
            ],
          },
        });
        const { writer } = await version.record();
        expect(writer).toMatchObject({ held: false, epoch: 1 });
        expect(writer.token).toBeGreaterThan(2);
        const [description] = await bench().engine.indices.describe(index);
        expect(Object.keys(description?.aliases ?? {})).toEqual([`${index}.W1`]);
        expect(description?.settings).not.toHaveProperty('index.blocks.write');
        const cli = commandLine();
        await lockShowVerb(cli, alias, 0);
        expect(cli.said.join('\n')).toMatch(
          /^last broken .* by ann@laptop: the node is gone \(lock of ReindexRequest/m,
        );
      });

      it('shuts out every worker of a build that is divided among several', async () => {
        const { alias, index } = await held();
        const writer = { index, versionEpoch: 0, partitions: 3, epoch: 0 };
        for (const partition of [0, 1, 2])
          await openPartition(bench().engine, { ...writer, partition }, async () => systemClock.sleep(20));
        expect(await lockBreakVerb(commandLine(), alias, reason)).toBe(0);
        const [description] = await bench().engine.indices.describe(index);
        expect(Object.keys(description?.aliases ?? {})).toEqual([`${index}.W1`]);
      });

      it('takes a writer whose lock is free, and one whose index is gone', async () => {
        const version = await held();
        const { alias, index, settings } = version;
        await settings.release({ of: 'alias', alias }, heavy, 1);
        await bench().engine.indices.delete(index);
        expect(await lockBreakVerb(commandLine(), alias, reason)).toBe(0);
        expect((await version.record()).writer).toMatchObject({ held: false });
        expect((await lockOf(alias))?.broken?.held).toMatchObject([{ of: index }]);
      });

      it('does nothing when nothing is held', async () => {
        const { alias } = await aVersion(bench().engine, bench().prefix);
        const cli = commandLine();
        expect(await lockBreakVerb(cli, alias, reason)).toBe(0);
        expect(cli.said.at(-1)).toContain('nothing was done');
        expect(await lockOf(alias)).toBeUndefined();
      });

      it('leaves a lock alone that has another token than the one that was shown', async () => {
        const { alias } = await held();
        const before = await lockOf(alias);
        expect(await lockBreakVerb(commandLine(), alias, { ...reason, token: 0 })).toBe(exitCodes.lockLost);
        expect(await lockOf(alias)).toEqual(before);
      });

      it('leaves a lock alone that changed hands after it was printed', async () => {
        const { alias, settings } = await held();
        const cli = pausableEngine(bench().engine, ({ name, args }) => name === 'indices.describe' && isSettings(args));
        const broken = lockBreakVerb(aCommandLine(cli.engine, bench().prefix), alias, reason);
        await cli.paused;
        await settings.release({ of: 'alias', alias }, heavy, 1);
        await settings.acquire({ of: 'alias', alias }, { ...heavy, uid: 'x' }, { leaseSeconds: 60, tokenFloor: 0 });
        cli.resume();
        expect(await broken).toBe(exitCodes.lockLost);
        expect((await lockOf(alias))?.lease).toMatchObject({ held: true, holder: { uid: 'x' } });
      });

      it.each(['', '  ', '\n'])('wants a reason: %j is none', async text => {
        const { alias } = await held();
        await expect(lockBreakVerb(commandLine(), alias, { reason: text })).rejects.toThrow('--reason must say why');
        expect((await lockOf(alias))?.lease.held).toBe(true);
      });

      it('keeps what would steer a terminal out of the reason, and no more than 1 kB of it', async () => {
        const { alias } = await held();
        await lockBreakVerb(commandLine(), alias, { reason: `\u001b[2J${'x'.repeat(5000)}` });
        const kept = (await lockOf(alias))?.broken?.reason ?? '';
        expect(kept).toMatch(/^\\u001b\[2Jx+\.\.\.$/);
        expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(1024);
      });
    });

    describe('break under a writer that is paused and goes on afterwards', () => {
      const shared = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`shared-${i}.txt`, `text ${i}\n`]));
      const late = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`late-${i}.txt`, `late ${i}\n`]));

      /** A writer on its way to `late` stops before its first bulk; a successor indexes `next`; then the writer goes on. */
      async function paused(pausable: PausableEngine, breakIt: (alias: string) => Promise<unknown>) {
        const version = await aVersion(bench().engine, bench().prefix);
        const base = await repository.commit(shared);
        await version.run(repository.path, base);
        const lateCommit = await repository.commit({ ...late, 'shared-1.txt': 'late text\n', 'shared-2.txt': null });
        await repository.git('branch', 'next', base);
        const next = await repository.commit({ 'shared-3.txt': 'next text\n' }, 'next');
        const settings = settingsOn(pausable.engine, `${bench().prefix}-settings`);
        const ports = { engine: pausable.engine, settings };
        const asleep = version.run(repository.path, lateCommit, { input: { mode: 'incremental' }, ports });
        await pausable.paused;
        await breakIt(version.alias);
        const successor = await version.run(repository.path, next, { input: { mode: 'incremental' } });
        expect(successor).toMatchObject({ exitCode: 0, result: { commit: next } });
        pausable.resume();
        const end = await asleep;
        await bench().engine.indices.refresh(version.index);
        const whole = await aVersion(bench().engine, bench().prefix, version.alias);
        await whole.run(repository.path, next);
        const right = new Set((await whole.dump()).map(document => JSON.stringify(document)));
        const stale = (await version.dump()).filter(document => !right.has(JSON.stringify(document)));
        return { end, stale: stale.length, record: await version.record(), next };
      }

      it('lets 0 of its documents land, and it ends with exit code 80', async () => {
        const pausable = pausableEngine(bench().engine, isBulk);
        const { end, stale, record, next } = await paused(pausable, alias =>
          lockBreakVerb(commandLine(), alias, reason),
        );
        expect(end).toMatchObject({ exitCode: exitCodes.lockLost, result: { reason: 'LockLost' } });
        expect(stale).toBe(0);
        expect(record).toMatchObject({ commit: next, clean: true, writer: { held: false } });
      });

      it('is what keeps them out: sent past the write alias, they land', async () => {
        const target = `${bench().prefix}-repo-v1`;
        const pausable = pausableEngine(bench().engine, isBulk, to =>
          to.target.startsWith(`${target}.W`) ? { target, requireAlias: false } : to,
        );
        const { stale } = await paused(pausable, alias => lockBreakVerb(commandLine(), alias, reason));
        expect(stale).toBeGreaterThan(0);
      });
    });

    it('break under `reindeer index --clean` ends it with exit code 80, and the live version serves on', async () => {
      const request = { alias: `${bench().prefix}-repo`, branch: '', folder: '', clean: true, keepOldIndices: false };
      await repository.commit({ 'a.txt': 'a\n' });
      await indexVerb(commandLine(), repository.path, request);
      const before = await dumpVersion(bench().engine, `${request.alias}-v1`);
      const pausable = pausableEngine(bench().engine, isBulk);
      const asleep = indexVerb(aCommandLine(pausable.engine, bench().prefix), repository.path, request);
      await pausable.paused;
      const cli = commandLine();
      expect(await lockBreakVerb(cli, request.alias, reason)).toBe(0);
      expect(cli.said).toEqual(expect.arrayContaining(['took the lock from cli/test:1']));
      pausable.resume();
      expect(await asleep).toBe(exitCodes.lockLost);
      expect((await bench().engine.aliases.members(request.alias)).map(member => member.index)).toEqual([
        `${request.alias}-v1`,
      ]);
      expect(await dumpVersion(bench().engine, `${request.alias}-v1`)).toEqual(before);
      expect(await indexVerb(commandLine(), repository.path, request)).toBe(0);
    });
  });
});

function isSettings(args: readonly unknown[]): boolean {
  return String(args[0]).endsWith('-settings');
}
