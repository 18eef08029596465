import { exitCodes } from '../../src/api/exit-codes.ts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { indexVerb } from '../../src/cli/index-verb.ts';
import type { IndexRequest } from '../../src/cli/index-run.ts';
import { listVerb } from '../../src/cli/list.ts';
import { searchVerb } from '../../src/cli/search.ts';
import { statusVerb } from '../../src/cli/status.ts';
import { aCommandLine } from '../support/a-command-line.ts';
import { aRepository, type TestRepository } from '../support/a-repository.ts';
import { losingReplyOf, faultyEngine } from '../support/faulty-engine.ts';
import { dumpVersion } from '../support/version-dump.ts';
import { onEveryEngine, onRealEngine } from './engines.ts';

describe('the command line', () => {
  let repository: TestRepository;
  beforeEach(async () => {
    repository = await aRepository();
  });
  afterEach(() => repository.remove());

  onEveryEngine(bench => {
    const request = (changed: Partial<IndexRequest> = {}): IndexRequest => ({
      alias: `${bench().prefix}-repo`,
      branch: '',
      folder: '',
      clean: false,
      keepOldIndices: false,
      ...changed,
    });
    const index = async (changed: Partial<IndexRequest> = {}, engine = bench().engine) => {
      const cli = aCommandLine(engine, bench().prefix);
      const exitCode = await indexVerb(cli, repository.path, request(changed));
      return { exitCode, said: cli.said.join('\n') };
    };
    const indices = async (): Promise<readonly string[]> =>
      (await bench().engine.indices.describe(`${bench().prefix}-repo-v*`)).map(found => found.name);
    const members = async (): Promise<readonly string[]> =>
      (await bench().engine.aliases.members(request().alias)).map(member => member.index);
    const version = (number: number): string => `${bench().prefix}-repo-v${number}`;

    it('builds a first version, then brings it up to date, then has nothing to do', async () => {
      const first = await repository.commit({ 'a.txt': 'a\n', 'b.txt': 'b\n' });
      expect(await index()).toEqual({
        exitCode: 0,
        said: expect.stringContaining(`${first.slice(0, 10)} is live: 2 files`),
      });
      await repository.commit({ 'c.txt': 'c\n' });
      expect(await index()).toEqual({ exitCode: 0, said: expect.stringContaining('3 files, 3 chunks (1 written') });
      expect(await index()).toEqual({ exitCode: 0, said: expect.stringContaining('nothing to do') });
      expect(await members()).toEqual([version(1)]);
    });

    it('rebuilds beside the live version and deletes that one, or keeps it when asked', async () => {
      await repository.commit({ 'a.txt': 'a\n' });
      await index();
      await index({ clean: true });
      expect([await members(), await indices()]).toEqual([[version(2)], [version(2)]]);
      await index({ clean: true, keepOldIndices: true });
      expect([await members(), await indices()]).toEqual([[version(3)], [version(2), version(3)]]);
      const record = await aCommandLine(bench().engine, bench().prefix).settings.aliasRecord(request().alias);
      expect(record?.source).toMatchObject({ live: 3, candidate: null, retired: [2], nextVersion: 4 });
    });

    it('gives the version its replicas and refresh back before it serves, behind a filter on chunks', async () => {
      await repository.commit({ 'a.txt': 'a\n' });
      await index();
      const [found] = await bench().engine.indices.describe(version(1));
      expect(found?.settings).toMatchObject({ 'index.number_of_replicas': '1' });
      expect(found?.settings).not.toHaveProperty('index.refresh_interval');
      expect(await bench().engine.indices.count(request().alias)).toBe(1);
      expect(await bench().engine.indices.count(version(1))).toBe(2);
    });

    it('reads any branch of a repository without a checkout', async () => {
      await repository.commit({ 'a.txt': 'a\n' });
      const other = await repository.commit({ 'other.txt': 'o\n' }, 'other');
      expect(await index({ branch: 'other' })).toMatchObject({ exitCode: 0 });
      const files = (await dumpVersion(bench().engine, version(1))).filter(({ source }) => source['doc'] === 'file');
      expect(files.map(({ source }) => [source['filePath'], source['git_branch']])).toEqual([['other.txt', 'other']]);
      await expect(index({ branch: 'nothing' })).rejects.toMatchObject({ reason: 'RefNotFound' });
      expect(other).toHaveLength(40);
    });

    it('lists aliases only', async () => {
      await repository.commit({ 'a.txt': 'a\n' });
      await index();
      const cli = aCommandLine(bench().engine, bench().prefix);
      await listVerb(cli);
      expect(cli.said[1]).toMatch(new RegExp(`^${request().alias} +[0-9a-f]{10} +1 +1 +live`));
      expect(cli.said.join('\n')).not.toMatch(/-v\d/);
    });

    it('says what is live and who holds an alias, and what was probably meant', async () => {
      await repository.commit({ 'a.txt': 'a\n' });
      await index();
      const cli = aCommandLine(bench().engine, bench().prefix);
      expect(await statusVerb(cli, request().alias)).toBe(0);
      expect(cli.said).toEqual(expect.arrayContaining(['live        version 1', 'lock        free']));
      await expect(statusVerb(cli, `${request().alias}x`)).rejects.toThrow(`did you mean "${request().alias}"?`);
    });

    it('leaves the live version alone while another run holds the alias, and exits with 0', async () => {
      await repository.commit({ 'a.txt': 'a\n' });
      await index();
      const { settings } = aCommandLine(bench().engine, bench().prefix);
      const heavy = { kind: 'Heavy', name: 'ReindexRequest/x', uid: 'x', pod: '' } as const;
      await settings.acquire({ of: 'alias', alias: request().alias }, heavy, { leaseSeconds: 60, tokenFloor: 0 });
      await repository.commit({ 'b.txt': 'b\n' });
      expect(await index()).toEqual({ exitCode: 0, said: expect.stringContaining('skipped') });
    });

    it('does not switch to what the engine refused, and goes on with it the next time', async () => {
      await repository.commit({ 'a.txt': 'a\n' });
      await index();
      await repository.commit({ 'b.txt': 'b\n' });
      let bulks = 0;
      const down = faultyEngine(bench().engine, ({ name }) => {
        bulks += name === 'documents.search' ? 1 : 0;
        return bulks > 1 && name === 'documents.search' ? 'lose-request' : 'none';
      });
      expect(await index({ clean: true }, down)).toMatchObject({ exitCode: exitCodes.transient });
      expect(await members()).toEqual([version(1)]);
      expect(await index({ clean: true })).toMatchObject({ exitCode: 0 });
      expect([await members(), await indices()]).toEqual([[version(2)], [version(2)]]);
    });

    it('knows after a lost reply to the switch on which side of it the alias is', async () => {
      await repository.commit({ 'a.txt': 'a\n' });
      const lossy = faultyEngine(bench().engine, losingReplyOf('aliases.update'));
      expect(await index({}, lossy)).toMatchObject({ exitCode: 0 });
      expect(await members()).toEqual([version(1)]);
    });

    it('takes up a switch that was never recorded', async () => {
      await repository.commit({ 'a.txt': 'a\n' });
      await index();
      const { settings } = aCommandLine(bench().engine, bench().prefix);
      await settings.changeAlias(request().alias, record => ({ ...record, live: null, candidate: 1, writeSet: [] }));
      expect(await index()).toMatchObject({ exitCode: 0 });
      expect((await settings.aliasRecord(request().alias))?.source).toMatchObject({ live: 2, candidate: null });
      expect(await members()).toEqual([version(2)]);
    });

    describe('refuses', () => {
      it('an alias that is an index', async () => {
        await repository.commit({ 'a.txt': 'a\n' });
        await bench().engine.indices.create(request().alias, { settings: {}, mappings: {} });
        await expect(index()).rejects.toMatchObject({ reason: 'AliasIsIndex' });
      });

      it('an alias that somebody else owns', async () => {
        await repository.commit({ 'a.txt': 'a\n' });
        const { settings } = aCommandLine(bench().engine, bench().prefix);
        await settings.ensure();
        await settings.claim(request().alias, { clusterUuid: 'u', namespace: 'team', name: 'kibana', uid: 'x' });
        await expect(index()).rejects.toMatchObject({
          reason: 'AliasOwnedElsewhere',
          message: expect.stringContaining('IndexedRepo team/kibana'),
        });
      });

      it('an alias that points at an index of somebody else, and leaves it', async () => {
        await repository.commit({ 'a.txt': 'a\n' });
        const foreign = `${bench().prefix}-foreign`;
        await bench().engine.indices.create(foreign, { settings: {}, mappings: {} });
        await bench().engine.aliases.update([{ add: { index: foreign, alias: request().alias } }]);
        await expect(index()).rejects.toMatchObject({ reason: 'AliasAmbiguous' });
        expect(await members()).toEqual([foreign]);
      });

      it('a repository without a commit', async () => {
        await expect(index()).rejects.toMatchObject({ reason: 'EmptyRepository' });
      });
    });
  });

  onRealEngine(bench => {
    it('finds words, parts of names and paths, and shows the line that fits', async () => {
      const lines = Array.from({ length: 40 }, (_, i) => `const filler${i} = ${i};`);
      lines[20] = 'export function parseHttpRequest(input) {';
      lines[21] = '}';
      await repository.commit({ 'src/http-parser.ts': lines.join('\n'), 'README.md': 'nothing of the kind\n' });
      const alias = `${bench().prefix}-repo`;
      const cli = aCommandLine(bench().engine, bench().prefix);
      await indexVerb(cli, repository.path, { alias, branch: '', folder: '', clean: false, keepOldIndices: false });
      for (const query of ['parseHttpRequest', 'parse request', 'http parser']) {
        const search = aCommandLine(bench().engine, bench().prefix);
        expect(await searchVerb(search, alias, query, 10)).toBe(0);
        expect(search.said[0]).toMatch(/^src\/http-parser\.ts:\d+ /);
      }
      const search = aCommandLine(bench().engine, bench().prefix);
      await searchVerb(search, alias, 'parseHttpRequest', 10);
      expect(search.said[0]).toBe(
        'src/http-parser.ts:21  export function parseHttpRequest(input) {  (function parseHttpRequest, lines 1-40)',
      );
      await expect(searchVerb(search, `${alias}x`, 'a', 1)).rejects.toThrow(`did you mean "${alias}"?`);
    });
  });
});
