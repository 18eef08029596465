import { exitCodes } from '../../src/api/exit-codes.ts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { indexVerb } from '../../src/cli/index-verb.ts';
import type { IndexRequest } from '../../src/cli/index-run.ts';
import { advice } from '../../src/cli/advice.ts';
import { forgetVerb } from '../../src/cli/forget.ts';
import { listVerb } from '../../src/cli/list.ts';
import { searchVerb } from '../../src/cli/search.ts';
import { statusVerb } from '../../src/cli/status.ts';
import { aCommandLine } from '../support/real/a-command-line.ts';
import { aRepository, type TestRepository } from '../support/real/a-repository.ts';
import { losingReplyOf, faultyEngine } from '../support/fakes/faulty-engine.ts';
import { dumpVersion } from '../support/checks/version-dump.ts';
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
      expect(cli.said.join('\n')).not.toMatch(new RegExp(`${request().alias}-v\\d`));
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

    it('gives back the lock of a program that died, and leaves the one of a program that lives', async () => {
      await repository.commit({ 'a.txt': 'a\n' });
      await index();
      const { settings } = aCommandLine(bench().engine, bench().prefix);
      const other = { kind: 'External', name: 'cli/other:1', uid: 'x', pod: '' } as const;
      const of = { of: 'alias', alias: request().alias } as const;
      const lock = await settings.acquire(of, other, { leaseSeconds: 3, tokenFloor: 0 });
      await repository.commit({ 'b.txt': 'b\n' });
      const renewing = setInterval(() => void settings.renew(of, other, lock.lease.token), 500);
      expect(await index()).toEqual({ exitCode: 0, said: expect.stringContaining('skipped') });
      clearInterval(renewing);
      expect(await index()).toEqual({ exitCode: 0, said: expect.stringContaining('2 files') });
      expect((await settings.lockRecord(request().alias))?.source.lease.held).toBe(false);
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
      expect((await settings.aliasRecord(request().alias))?.source).toMatchObject({ live: 1, candidate: null });
      expect([await members(), await indices()]).toEqual([[version(1)], [version(1)]]);
    });

    it('says which branch HEAD stands for, also when it was asked for by its name', async () => {
      await repository.commit({ 'a.txt': 'a\n' });
      await repository.git('update-ref', 'refs/heads/HEAD', await repository.commit({ 'b.txt': 'b\n' }, 'other'));
      for (const branch of ['', 'HEAD']) {
        expect(await index({ branch })).toMatchObject({ exitCode: 0 });
        const cli = aCommandLine(bench().engine, bench().prefix);
        await statusVerb(cli, request().alias);
        expect(cli.said).toEqual(
          expect.arrayContaining(['branch      HEAD (main)', 'files       1, 0 of them skipped']),
        );
      }
    });

    it('indexes one folder alone when asked, however it is named, and keeps to it', async () => {
      const folder = 'app/(group)/[slug]';
      await repository.commit({ [`${folder}/a.txt`]: 'a\n', 'app/group/s/b.txt': 'b\n', 'c.txt': 'c\n' });
      expect(await index({ folder })).toMatchObject({ exitCode: 0 });
      const files = (await dumpVersion(bench().engine, version(1))).filter(({ source }) => source['doc'] === 'file');
      expect(files.map(({ source }) => source['filePath'])).toEqual([`${folder}/a.txt`]);
      expect(await index({ folder })).toEqual({ exitCode: 0, said: expect.stringContaining('nothing to do') });
      await expect(index()).rejects.toThrow(`holds ${folder} of ${repository.path}, not ${repository.path}`);
      const none = await index({ folder: 'nothing', clean: true });
      expect(none).toEqual({
        exitCode: 64,
        said: expect.stringMatching(/none is selected below nothing\nLook at --path/),
      });
      expect(await members()).toEqual([version(1)]);
    });

    it('refuses another repository under a live alias, with both named, and builds it beside with --clean', async () => {
      const other = await aRepository();
      try {
        await repository.commit({ 'a.txt': 'a\n' });
        await other.commit({ 'b.txt': 'b\n' });
        await index();
        const before = await dumpVersion(bench().engine, version(1));
        const fromOther = (changed: Partial<IndexRequest> = {}) =>
          indexVerb(aCommandLine(bench().engine, bench().prefix), other.path, request(changed));
        await expect(fromOther()).rejects.toThrow(`holds ${repository.path}, not ${other.path}`);
        expect(await dumpVersion(bench().engine, version(1))).toEqual(before);
        expect(await fromOther({ clean: true })).toBe(0);
        expect(await members()).toEqual([version(2)]);
      } finally {
        other.remove();
      }
    });

    describe('leaves no alias behind', () => {
      const aliases = async () => (await aCommandLine(bench().engine, bench().prefix).settings.aliasRecords()).length;

      it('for a source that is not there', async () => {
        await repository.commit({ 'a.txt': 'a\n' });
        await expect(index({ branch: 'mistyped' })).rejects.toMatchObject({ reason: 'RefNotFound' });
        expect(await aliases()).toBe(0);
      });

      it('for a first run that wrote nothing', async () => {
        await repository.commit({ 'a.txt': 'a\n' });
        expect(await index({ folder: 'mistyped' })).toMatchObject({ exitCode: 64 });
        expect([await aliases(), await indices()]).toEqual([0, []]);
        expect(await index()).toMatchObject({ exitCode: 0 });
      });

      it('that is forgotten, and nothing that serves, is owned elsewhere, or is being worked on', async () => {
        await repository.commit({ 'a.txt': 'a\n' });
        await index();
        const { alias } = request();
        const forget = async () => {
          const cli = aCommandLine(bench().engine, bench().prefix);
          return { exitCode: await forgetVerb(cli, alias), said: cli.said.join('\n') };
        };
        expect(await forget()).toEqual({ exitCode: 80, said: expect.stringContaining(`${alias} serves ${version(1)}`) });
        await bench().engine.aliases.update([{ remove: { index: version(1), alias, must_exist: true } }]);
        const { settings } = aCommandLine(bench().engine, bench().prefix);
        const holder = { kind: 'External', name: 'somebody', uid: 'x', pod: '' } as const;
        await settings.acquire({ of: 'alias', alias }, holder, { leaseSeconds: 60, tokenFloor: 0 });
        expect(await forget()).toEqual({ exitCode: 80, said: expect.stringContaining('somebody is at work') });
        await settings.release({ of: 'alias', alias }, holder, 3);
        await settings.changeAlias(alias, record => ({ ...record, owner: { ...record.owner, uid: 'u', namespace: 'team', name: 'kibana' } }));
        expect(await forget()).toEqual({ exitCode: 80, said: expect.stringContaining('IndexedRepo team/kibana') });
        expect(await indices()).toEqual([version(1)]);
        await settings.changeAlias(alias, record => ({ ...record, owner: { ...record.owner, uid: 'cli', namespace: '' } }));
        await settings.breakLock(alias, (await settings.lockRecord(alias))!.source.lease, { by: 'a', reason: 'b', at: '', held: [] }, 9);
        expect(await forget()).toEqual({ exitCode: 0, said: `${alias} is forgotten` });
        expect([await aliases(), await indices()]).toEqual([0, []]);
      }); // prettier-ignore
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
    it.each([
      ['index.blocks.write', 'WritesBlocked', /403 cluster_block_exception .*index write \(api\)/],
      ['index.blocks.read_only_allow_delete', 'DiskFull', /429 cluster_block_exception .*read-only-allow-delete/],
    ])(
      'tells what the engine said last where %s is set, and goes on when it is lifted',
      async (block, reason, words) => {
        await repository.commit({ 'a.txt': 'a\n' });
        const request = {
          alias: `${bench().prefix}-repo`,
          branch: '',
          folder: '',
          clean: false,
          keepOldIndices: false,
        };
        const run = async () => {
          const cli = aCommandLine(bench().engine, bench().prefix);
          return { exitCode: await indexVerb(cli, repository.path, request), said: cli.said.join('\n') };
        };
        expect(await run()).toMatchObject({ exitCode: 0 });
        await bench().engine.indices.putSettings(`${request.alias}-v1`, { [block]: true });
        await repository.commit({ 'b.txt': 'b\n' });
        const blocked = await run();
        expect(blocked).toEqual({ exitCode: exitCodes.transient, said: expect.stringMatching(words) });
        expect(blocked.said).toContain(advice(reason));
        expect(blocked.said).not.toContain('does not answer');
        await bench().engine.indices.putSettings(`${request.alias}-v1`, { [block]: null });
        expect(await run()).toMatchObject({ exitCode: 0 });
      },
    );

    it.each([
      ['a word without end', 'x'.repeat(120_000)],
      ['a pasted log', 'ERROR at line 7: it failed; '.repeat(600)],
      ['as many signs as there may be', '枝'.repeat(9000).replace(/(.{199})/g, '$1 ')],
      ['nothing but signs of query languages', '+-=&&||><!(){}[]^"~*?:\\/ AND OR'],
    ])('answers a query of %s', async (_, query) => {
      await repository.commit({ 'a.txt': 'a\n' });
      const alias = `${bench().prefix}-repo`;
      const cli = aCommandLine(bench().engine, bench().prefix);
      await indexVerb(cli, repository.path, { alias, branch: '', folder: '', clean: false, keepOldIndices: false });
      expect(await searchVerb(cli, alias, query, 10)).toBe(0);
    });

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
