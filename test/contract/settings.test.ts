import { describe, expect, it } from '@jest/globals';
import { ConflictError } from '../../src/domain/errors.ts';
import { membersOf } from '../../src/domain/version.ts';
import type { Engine } from '../../src/engine/port.ts';
import type { Settings } from '../../src/registry/port.ts';
import { firstAliasRecord, freeLease, mappingSchema, settingsIndexBody } from '../../src/registry/records.ts';
import { settingsOn } from '../../src/registry/settings.ts';
import { aHolder, anOwner, aPartRecord, aRunRecord, aVersionRecord } from '../support/objects/a-record.ts';
import { ndjson } from '../support/objects/an-index.ts';
import { faultyEngine, losingReplyOf, losingRequests } from '../support/fakes/faulty-engine.ts';
import { type Bench, onEveryEngine } from './engines.ts';

async function openSettings({ engine, prefix }: Bench, through: Engine = engine): Promise<Settings> {
  const settings = settingsOn(through, `${prefix}-settings`);
  await settings.ensure();
  return settings;
}

describe('settings index', () => {
  onEveryEngine(bench => {
    it('is made once, hidden and strict, with one shard that copies itself when it can', async () => {
      await openSettings(bench());
      await openSettings(bench());
      const [found] = await bench().engine.indices.describe(`${bench().prefix}-settings`);
      expect(found?.mappings['dynamic']).toBe('strict');
      expect(found?.settings).toMatchObject({
        'index.hidden': 'true',
        'index.number_of_shards': '1',
        'index.auto_expand_replicas': '0-1',
      });
    });

    it('that an earlier release made gets the fields that came since, once, and keeps what it holds', async () => {
      const { engine, prefix } = bench();
      const {
        broken: _broken,
        released: _released,
        ...properties
      } = settingsIndexBody.mappings['properties'] as Record<string, object>;
      const mappings = { dynamic: 'strict', _meta: { managedBy: 'reindeer', schema: 1 }, properties };
      await engine.indices.create(`${prefix}-settings`, { ...settingsIndexBody, mappings });
      const settings = settingsOn(engine, `${prefix}-settings`);
      await settings.claim('kibana', anOwner());
      const note = { by: 'ann@laptop', reason: 'the pod is gone', at: '2026-01-01T00:00:00Z', held: [] };
      const broken = async (): Promise<unknown> => settings.breakLock('kibana', freeLease, note, 0);
      await expect(broken()).rejects.toThrow(/strict_dynamic_mapping/);
      await settings.ensure();
      expect(await broken()).toBe('broken');
      const before = await engine.indices.describe(`${prefix}-settings`);
      await settings.ensure();
      expect(await engine.indices.describe(`${prefix}-settings`)).toEqual(before);
      expect((await settings.aliasRecord('kibana'))?.source.owner).toEqual(anOwner());
      expect((await settings.lockRecord('kibana'))?.source).toMatchObject({ broken: note, lease: { held: false } });
    });

    it('that a later release made is left as it is', async () => {
      const { engine, prefix } = bench();
      const _meta = { managedBy: 'reindeer', schema: mappingSchema + 1 };
      const mappings = { ...settingsIndexBody.mappings, _meta };
      await engine.indices.create(`${prefix}-settings`, { ...settingsIndexBody, mappings });
      const before = await engine.indices.describe(`${prefix}-settings`);
      await expect(settingsOn(engine, `${prefix}-settings`).ensure()).rejects.toMatchObject({
        reason: 'SettingsNewer',
      });
      expect(await engine.indices.describe(`${prefix}-settings`)).toEqual(before);
    });

    it('keeps the members of a version, and reads one of an earlier release as its only index', async () => {
      const settings = await openSettings(bench());
      const members = [
        { role: 'main', index: 'books' },
        { role: 'places', index: 'kibana-v1_places', properties: { filter: { term: { a: 'b' } }, is_hidden: true } },
      ];
      await settings.createVersion(aVersionRecord({ number: 1, index: 'books', members }));
      await settings.createVersion(aVersionRecord({ number: 2, index: 'kibana-v2' }));
      const [first, second] = await settings.versionsNamed(['kibana-v1', 'kibana-v2']);
      expect(first).toMatchObject({ index: 'books', members });
      expect(second && membersOf(second)).toEqual([{ role: 'main', index: 'kibana-v2' }]);
    });

    it('keeps the parts of a run, gives them in their order, and forgets them with the run', async () => {
      const settings = await openSettings(bench());
      const parts = [10, 2, 0].map(partition => aPartRecord({ partition, partitions: 11 }));
      for (const part of [...parts, aPartRecord({ uid: 'job-2' })])
        expect(await settings.createPart(part)).toBe('created');
      expect(await settings.createPart(aPartRecord({ done: 5 }))).toBe('exists');
      const changed = await settings.changePart('job-1', 2, part => ({ ...part, done: 7 }));
      expect(changed).toEqual(aPartRecord({ partition: 2, partitions: 11, done: 7 }));
      expect(await settings.partRecord('job-1', 2)).toEqual(changed);
      expect((await settings.partRecords('job-1')).map(part => part.partition)).toEqual([0, 2, 10]);
      await settings.deleteRun('job-1', 11);
      expect(await settings.partRecords('job-1')).toEqual([]);
      expect(await settings.partRecord('job-1', 2)).toBeUndefined();
      expect(await settings.partRecords('job-2')).toHaveLength(1);
    });

    it('is read as empty while it does not exist', async () => {
      const settings = settingsOn(bench().engine, `${bench().prefix}-settings`);
      expect(await settings.aliasRecords()).toEqual([]);
      expect(await settings.versionRecords('kibana')).toEqual([]);
      expect(await settings.aliasRecord('kibana')).toBeUndefined();
      expect(await settings.runRecord('job-1')).toBeUndefined();
    });

    it('gives an alias to the first who claims it, and again to the same one', async () => {
      const settings = await openSettings(bench());
      const record = firstAliasRecord('kibana', anOwner());
      expect(await settings.claim('kibana', anOwner())).toEqual({ is: 'ours', record });
      expect(await settings.claim('kibana', anOwner())).toEqual({ is: 'ours', record });
      expect(await settings.claim('kibana', anOwner({ uid: 'owner-2' }))).toEqual({ is: 'taken', by: anOwner() });
    });

    it('gives an alias to exactly one of twenty who claim it at once', async () => {
      const settings = await openSettings(bench());
      const claims = await Promise.all(
        Array.from({ length: 20 }, (_, n) => settings.claim('kibana', anOwner({ uid: `owner-${n}` }))),
      );
      const won = claims.filter(claim => claim.is === 'ours');
      expect(won).toHaveLength(1);
      const winner = won[0]?.is === 'ours' ? won[0].record.owner : undefined;
      expect(claims.filter(claim => claim.is === 'taken').map(claim => claim.by)).toEqual(Array(19).fill(winner));
    });

    it('knows its own claim after a lost reply', async () => {
      const settings = await openSettings(bench(), faultyEngine(bench().engine, losingReplyOf('documents.create')));
      expect(await settings.claim('kibana', anOwner())).toMatchObject({ is: 'ours' });
    });

    it('loses no change when several change an alias at once', async () => {
      const settings = await openSettings(bench());
      await settings.claim('kibana', anOwner());
      const add = (number: number): Promise<unknown> =>
        settings.changeAlias('kibana', record => ({ ...record, retired: [...record.retired, number] }));
      await Promise.all([2, 3, 4, 5].map(add));
      const record = (await settings.aliasRecord('kibana'))?.source;
      expect([...(record?.retired ?? [])].sort()).toEqual([2, 3, 4, 5]);
    });

    it('makes a change once although the reply was lost', async () => {
      const plain = await openSettings(bench());
      await plain.claim('kibana', anOwner());
      const settings = await openSettings(bench(), faultyEngine(bench().engine, losingReplyOf('documents.replace')));
      await settings.changeAlias('kibana', record => ({ ...record, nextVersion: record.nextVersion + 1 }));
      expect((await plain.aliasRecord('kibana'))?.source.nextVersion).toBe(2);
    });

    it('makes claim and change although they did not reach the engine at first', async () => {
      const { engine } = bench();
      const claiming = await openSettings(bench(), faultyEngine(engine, losingRequests('documents.create', 2)));
      expect(await claiming.claim('kibana', anOwner())).toMatchObject({ is: 'ours' });
      const changing = await openSettings(bench(), faultyEngine(engine, losingRequests('documents.replace', 2)));
      await changing.changeAlias('kibana', record => ({ ...record, nextVersion: record.nextVersion + 1 }));
      expect((await changing.aliasRecord('kibana'))?.source.nextVersion).toBe(2);
    });

    it('says that the engine is unavailable when a change does not reach it three times', async () => {
      const plain = await openSettings(bench());
      await plain.claim('kibana', anOwner());
      const settings = await openSettings(
        bench(),
        faultyEngine(bench().engine, losingRequests('documents.replace', 3)),
      );
      const changed = settings.changeAlias('kibana', record => ({ ...record, nextVersion: 7 }));
      await expect(changed).rejects.toMatchObject({ name: 'RetryableError', reason: 'EngineUnavailable' });
      expect((await plain.aliasRecord('kibana'))?.source.nextVersion).toBe(1);
    });

    it('knows its own change when the first request arrives after all, just before the second', async () => {
      const plain = await openSettings(bench());
      await plain.claim('kibana', anOwner());
      const { documents } = bench().engine;
      const lost = losingRequests('documents.replace', 1);
      const replace: typeof documents.replace = async (...args) => {
        await documents.replace(...args);
        return documents.replace(...args);
      };
      const late = { ...bench().engine, documents: { ...documents, replace } };
      const settings = await openSettings(bench(), faultyEngine(late, lost));
      await settings.changeAlias('kibana', record => ({ ...record, nextVersion: record.nextVersion + 1 }));
      expect((await plain.aliasRecord('kibana'))?.source.nextVersion).toBe(2);
    });

    it('writes nothing for a change that changes nothing', async () => {
      const settings = await openSettings(bench());
      await settings.claim('kibana', anOwner());
      const before = await settings.aliasRecord('kibana');
      await settings.changeAlias('kibana', record => ({ ...record }));
      expect(await settings.aliasRecord('kibana')).toEqual(before);
    });

    it('refuses to change what is not there', async () => {
      const settings = await openSettings(bench());
      await expect(settings.changeAlias('kibana', record => record)).rejects.toThrow(ConflictError);
      await expect(settings.changeVersion('kibana-v1', record => record)).rejects.toThrow(ConflictError);
    });

    it('lists aliases by name, just written ones included, over more than one page', async () => {
      const settings = await openSettings(bench());
      const names = Array.from({ length: 1001 }, (_, n) => `repo-${String(n).padStart(4, '0')}`);
      const lines = names.flatMap(alias => [{ index: { _id: `alias~${alias}` } }, firstAliasRecord(alias, anOwner())]);
      await bench().engine.documents.bulk(ndjson(...lines), {
        target: `${bench().prefix}-settings`,
        requireAlias: false,
      });
      expect((await settings.aliasRecords()).map(record => record.alias)).toEqual(names);
    });

    it('keeps a record per version and lists those of one alias by number', async () => {
      const settings = await openSettings(bench());
      for (const number of [10, 2]) {
        const record = aVersionRecord({ index: `kibana-v${number}`, number });
        expect(await settings.createVersion(record)).toBe('created');
        expect(await settings.createVersion({ ...record, files: 7 })).toBe('exists');
      }
      await settings.createVersion(aVersionRecord({ alias: 'other', index: 'other-v1' }));
      await settings.changeVersion('kibana-v2', record => ({ ...record, phase: 'Live', commit: 'abc' }));
      expect(
        (await settings.versionRecords('kibana')).map(record => [
          record.number,
          record.phase,
          record.commit,
          record.files,
        ]),
      ).toEqual([
        [2, 'Live', 'abc', 0],
        [10, 'Building', null, 0],
      ]);
      await settings.deleteVersion('kibana-v2');
      await settings.deleteVersion('kibana-v2');
      expect(await settings.versionRecord('kibana-v2')).toBeUndefined();
    });

    it('keeps what was declared for a version as it is, whatever its fields are called', async () => {
      const settings = await openSettings(bench());
      const shape = {
        shards: 2,
        mappings: { properties: { 'a.b': { type: 'keyword' }, constructor: { type: 'long' } } },
      };
      await settings.createVersion(aVersionRecord({ shape }));
      await settings.changeVersion('kibana-v1', record => ({ ...record, files: 3 }));
      expect((await settings.versionRecord('kibana-v1'))?.source).toMatchObject({ shape, files: 3 });
    });

    it('keeps the last thing that a run said', async () => {
      const settings = await openSettings(bench());
      await settings.putRun(aRunRecord({ done: 1 }));
      await settings.putRun(aRunRecord({ done: 2, message: 'x'.repeat(40_000) }));
      expect(await settings.runRecord('job-1')).toMatchObject({ done: 2, perSecond: 1.5 });
      await settings.changeRun('job-1', () => aRunRecord({ done: 3 }));
      expect(await settings.runRecord('job-1')).toMatchObject({ done: 3, message: '' });
      await settings.deleteRun('job-1');
      await settings.deleteRun('job-1');
      await expect(settings.changeRun('job-1', () => aRunRecord({ done: 4 }))).rejects.toThrow(ConflictError);
      expect(await settings.runRecord('job-1')).toBeUndefined();
    });

    it('forgets an alias of its owner only, and goes on counting tokens afterwards', async () => {
      const settings = await openSettings(bench());
      await settings.claim('kibana', anOwner());
      await settings.createVersion(aVersionRecord());
      await settings.createVersion(aVersionRecord({ index: 'kibana-v9', number: 9, ownerUid: 'somebody' }));
      const lease = { of: 'version', alias: 'kibana', index: 'kibana-v1' } as const;
      const options = { leaseSeconds: 60, tokenFloor: 41 };
      expect(await settings.acquire(lease, aHolder(), options)).toMatchObject({ is: 'granted', lease: { token: 42 } });

      await settings.forgetAlias('kibana', 'owner-2');
      expect(await settings.aliasRecord('kibana')).toBeDefined();
      await settings.forgetAlias('kibana', 'owner-1');
      expect(await settings.aliasRecord('kibana')).toBeUndefined();
      expect((await settings.versionRecords('kibana')).map(record => record.index)).toEqual(['kibana-v9']);

      await settings.claim('kibana', anOwner({ uid: 'owner-3' }));
      const again = await settings.acquire({ of: 'alias', alias: 'kibana' }, aHolder(), {
        leaseSeconds: 60,
        tokenFloor: 0,
      });
      expect(again.lease.token).toBe(43);
    });

    it('reads records of an older program leniently, and on the safe side', async () => {
      const settings = await openSettings(bench());
      const put = (id: string, source: object): Promise<unknown> =>
        bench().engine.documents.create(`${bench().prefix}-settings`, id, source);
      await put('alias~kibana', { kind: 'alias', alias: 'kibana', live: 7, retired: [6, 5] });
      await put('version~kibana-v7', { kind: 'version', alias: 'kibana', index: 'kibana-v7', number: 7 });
      const alias = (await settings.aliasRecord('kibana'))?.source;
      expect(alias).toMatchObject({ live: 7, candidate: null, nextVersion: 8, tokenCounter: 0, owner: { uid: '' } });
      const version = (await settings.versionRecord('kibana-v7'))?.source;
      expect(version).toMatchObject({ number: 7, clean: false, commit: null, writer: { ...freeLease, held: true } });
    });
  });
});
