import { describe, expect, it } from '@jest/globals';
import { newVersionRecord } from '../../src/domain/records.ts';
import type { Engine } from '../../src/engine/port.ts';
import { writeAliasName } from '../../src/fences/write-alias.ts';
import { settingsOn } from '../../src/registry/settings.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import type { CopyPorts, CutOverInput } from '../../src/workers/copy/input.ts';
import { runCopy } from '../../src/workers/copy/run-copy.ts';
import { runCutOver } from '../../src/workers/copy/run-cut-over.ts';
import { ndjson } from '../support/objects/an-index.ts';
import { type Bench, onEveryEngine } from './engines.ts';

const ids = 300;

/** One process that writes bulks through an alias until it is told to end, and what must be there then. */
async function writeUntil(engine: Engine, alias: string, stopped: AbortSignal) {
  const documents = new Map<string, number>();
  let [round, refused] = [0, 0];
  while (!stopped.aborted) {
    round += 1;
    const at = (offset: number): string => `d${(round * 7 + offset) % ids}`;
    // Every so often with a field that no document had before, and one that never holds anything.
    const source = { n: round, [`more-${Math.min(40, round >> 2)}`]: round, none: round % 2 ? null : [] };
    const lines = [{ index: { _id: at(0) } }, source, { delete: { _id: at(100) } }];
    const again = [{ delete: { _id: at(200) } }, { index: { _id: at(200) } }, { n: -round }];
    const { items } = await engine.documents.bulk(ndjson(...lines, ...again), { target: alias, requireAlias: true });
    const done = items.map(({ status, op }) => status < 300 || (status === 404 && op === 'delete'));
    if (done[0]) documents.set(at(0), round);
    if (done[1]) documents.delete(at(100));
    if (done[2]) documents.delete(at(200));
    if (done[3]) documents.set(at(200), -round);
    refused += done.filter(each => !each).length;
    await systemClock.sleep(5);
  }
  return { documents, refused };
}

async function held(engine: Engine, name: string): Promise<ReadonlyMap<string, unknown>> {
  await engine.indices.refresh(name);
  const { hits } = await engine.documents.search(name, { query: { match_all: {} }, size: 10_000 });
  return new Map(hits.map(({ id, source }) => [id, source['n']]));
}

async function stage({ engine, prefix }: Bench) {
  const [alias, from, index] = [`${prefix}-o`, `${prefix}-o-before`, `${prefix}-o-v2`];
  const settings = settingsOn(engine, `${prefix}-settings`);
  await settings.ensure();
  const body = { settings: { 'index.number_of_shards': '2', 'index.number_of_replicas': '0' }, mappings: {} };
  const mappings = { properties: { n: { type: 'long' } } };
  await engine.indices.create(from, { ...body, mappings, aliases: { [alias]: { is_write_index: true } } });
  const filled = Array.from({ length: ids }, (_, at) => [{ index: { _id: `d${at}` } }, { n: 0 }]).flat();
  await engine.documents.bulk(ndjson(...filled), { target: alias, requireAlias: true });
  await engine.indices.create(index, {
    settings: { ...body.settings, 'index.number_of_shards': '3', 'index.hidden': 'true' },
    mappings: { ...mappings, dynamic: 'false', _meta: { ownerUid: 'me' } },
    aliases: { [writeAliasName(index, 0)]: { is_hidden: true, is_write_index: true } },
  });
  await settings.claim(alias, { clusterUuid: 'c', namespace: 'team', name: '', uid: 'me' });
  await settings.createVersion(aVersion(alias, index));
  return { alias, from, index, settings };
}

function aVersion(alias: string, index: string) {
  const members = [{ role: 'main', index }];
  const none = {
    branch: '',
    repoUrl: '',
    schema: 0,
    chunkerHash: '',
    selectionHash: '',
    shapeHash: '',
    workerImage: '',
  };
  return newVersionRecord({ alias, number: 2, members, ownerUid: 'me', ...none, since: '2026-01-01T00:00:00Z' });
}

/** Each field that documents have is found in all of them: they were indexed, not only kept. */
async function findsWhatItHolds(engine: Engine, name: string): Promise<void> {
  const { hits } = await engine.documents.search(name, { query: { match_all: {} }, size: 10_000 });
  const fields = hits.flatMap(({ source }) => Object.keys(source).filter(field => field.startsWith('more-')));
  const wanted = Object.fromEntries(
    [...Map.groupBy(fields, field => field)].map(([field, all]) => [field, all.length]),
  );
  expect(Object.keys(wanted).length).toBeGreaterThan(3);
  const found: Record<string, number> = {};
  for (const field of Object.keys(wanted)) found[field] = await engine.indices.count(name, { exists: { field } });
  expect(found).toEqual(wanted);
}

describe('a copy and its cut-over beside a writer', () => {
  onEveryEngine((bench, on) => {
    it('end with what was acknowledged, behind the alias', async () => {
      const { engine } = bench();
      const { alias, from, index, settings } = await stage(bench());
      const stopped = new AbortController();
      const writing = writeUntil(engine, alias, stopped.signal);
      const ports: CopyPorts = {
        ...{ engine, settings, clock: systemClock, signal: new AbortController().signal },
        ...{ random: Math.random, onProgress: () => undefined },
      };
      const properties = { is_write_index: true };
      const input: CutOverInput = {
        ...{ alias, from, index, number: 2, tokenFloor: 0, bulkBytes: 100_000, bulkConcurrency: 2 },
        ...{ runUid: 'run', holder: { kind: 'Heavy', name: 'a Job', uid: 'job', pod: 'pod' } },
        ...{ blockMs: 30_000, attempts: 3 },
        moves: [{ alias, expected: [{ index: from, properties }], next: [{ index, properties }] }],
        serving: { settings: { 'index.hidden': null }, dynamic: 'true' },
      };
      const copied = await runCopy(input, ports);
      expect(copied.result).toMatchObject({ outcome: 'succeeded', reason: '', errors: [] });
      const [described] = await engine.indices.describe(index);
      expect(described?.meta['copied']).toMatchObject({ refused: 0, verified: { differing: 0 } });
      const over = await runCutOver({ ...input, runUid: 'run-2' }, ports);
      expect(over.result).toMatchObject({ outcome: 'succeeded', reason: '', errors: [] });
      await systemClock.sleep(300);
      stopped.abort();
      const { documents, refused } = await writing;
      console.log(JSON.stringify({ copied: copied.result, over: over.result, refused }));
      expect(await engine.aliases.members(alias)).toEqual([{ index, properties }]);
      const found = await held(engine, alias);
      for (const [id, n] of documents) expect([id, found.get(id)]).toEqual([id, n]);
      for (const [id, n] of found) expect([id, n]).toEqual([id, documents.get(id) ?? 0]);
      if (on === 'real') await findsWhatItHolds(engine, alias);
    });
  });
});
