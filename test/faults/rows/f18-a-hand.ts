import { expect } from '@jest/globals';
import type { IndexedRepo } from '../../../src/api/indexed-repo.ts';
import type { IndexDescription } from '../../../src/engine/port.ts';
import { openHttp } from '../../../src/engine/transport.ts';
import { systemClock as clock } from '../../../src/runtime/clock.ts';
import type { FaultRecord } from '../../support/checks/fault-table.ts';
import { ndjson } from '../../support/objects/an-index.ts';
import { sampleOf, seed } from '../../support/objects/sampled.ts';
import { aTenant } from '../../support/real/a-tenant.ts';
import { declareRepo } from '../../support/real/a-declared-repo.ts';
import { accessTo } from '../../support/real/bed-engine.ts';
import type { ControlStage } from '../../support/real/control-stage.ts';
import type { FaultRow } from '../../support/real/fault-row.ts';
import { standAt, type StandingRun } from '../../support/real/standing-run.ts';

type When = 'gate' | 'bake' | 'return';
type Deed = 'moves the alias' | 'deletes an index' | 'edits a mapping';

/** What a person does to which version, how the run ends, and what serves then. */
type Meddling = readonly [when: When, deed: Deed, version: number, ends: string, serves: string];

/** Every third one meddles at each moment, and in each way. */
const all: readonly Meddling[] = [
  ['gate', 'moves the alias', 1, 'Drifted', 'copy'],
  ['bake', 'moves the alias', 2, 'Drifted', 'copy'],
  ['return', 'moves the alias', 2, 'Drifted', 'copy'],
  ['bake', 'deletes an index', 1, 'Succeeded', 'v2'],
  ['return', 'deletes an index', 1, 'VersionNotFound', 'v2'],
  ['gate', 'deletes an index', 2, 'Drifted', 'v1'],
  ['return', 'edits a mapping', 2, 'RolledBack', 'v1'],
  ['gate', 'edits a mapping', 2, 'Drifted', 'v1'],
  ['bake', 'edits a mapping', 2, 'Drifted', 'v2'],
];

/** F18: a person changes by hand what a run has in hand. */
export const aHand: FaultRow<ControlStage> = {
  id: 'F18',
  fault: 'alias moved, index deleted, mapping edited by hand at a gate, in a bake, in a return',
  withinMs: 300_000,
  run: async (shared, record) => {
    const stage = await aTenant(shared, record, { namespace: 'f18' });
    const chosen = sampleOf(3, all);
    record.remark(`seed ${seed}: ${chosen.map(([when, deed]) => `${deed}: ${when}`).join(', ')}`);
    const played = chosen.map(async each => meddle(each, stage, record));
    await Promise.allSettled(played);
    await Promise.all(played);
  },
};

async function meddle([when, deed, version, ends, serves]: Meddling, stage: ControlStage, record: FaultRecord) {
  const { engine } = stage;
  const repo = await declareRepo(stage, `f18-${all.findIndex(each => each[0] === when && each[1] === deed)}`);
  await repo.untilLive(repo.commit);
  const observer = await repo.observed(record);
  const run = await standAt(when === 'return' ? 'bake' : when, repo, { stage, record });
  record.attempt();
  const { name } = repo;
  const held = when === 'return' ? await holdReturn(stage, run) : undefined;
  const [before] = await engine.indices.describe(`${name}-v${version}`);
  await deeds[deed](stage, name, `${name}-v${version}`);
  record.inject();
  const startedMs = performance.now();
  held?.release();
  if (when === 'gate') await run.goOn();
  const { status } = await repo.untilEnded(run.request);
  const reason = status.conditions?.find(({ type }) => type === 'Finished')?.reason;
  expect([when, deed, reason]).toEqual([when, deed, ends]);
  expect((await engine.aliases.members(name)).map(({ index }) => index)).toEqual([`${name}-${serves}`]);
  expect((await stage.settings.lockRecord(name))?.source.lease.held).toBe(false);
  await expectKept(deed, before, stage);
  if (deed === 'moves the alias') await repo.until('says Drifted', found => isStalled(found, 'Drifted'));
  record.recovered(performance.now() - startedMs);
  await observer.stop();
}

const isStalled = ({ status }: IndexedRepo, reason: string): boolean =>
  status.conditions?.some(each => each.type === 'Stalled' && each.status === 'True' && each.reason === reason) === true;

const deeds: Readonly<Record<Deed, (stage: ControlStage, alias: string, index: string) => Promise<unknown>>> = {
  'moves the alias': async ({ engine }, alias, index) => {
    const copy = `${alias}-copy`;
    const [found] = await engine.indices.describe(index);
    await engine.indices.create(copy, { settings: {}, mappings: { ...found?.mappings, _meta: theirMeta } });
    const { hits } = await engine.documents.search(index, { size: 1000, query: { match_all: {} } });
    const lines = hits.flatMap(({ id, source }) => [{ index: { _id: id } }, source]);
    await engine.documents.bulk(ndjson(...lines), { target: copy, requireAlias: false });
    await engine.indices.refresh(copy);
    return engine.aliases.update([{ remove: { index, alias, must_exist: true } }, { add: { index: copy, alias } }]);
  },
  'deletes an index': async ({ engine }, _alias, index) => engine.indices.delete(index),
  // The engine puts `_meta` in the place of the one that was there: the index says no more whose it is.
  'edits a mapping': async ({ node }, _alias, index) => {
    const http = openHttp({ ...accessTo(node), clock });
    const json = { properties: { theirs: { type: 'keyword' } }, _meta: theirMeta };
    await http.send({ method: 'PUT', path: `/${index}/_mapping`, json, idempotent: true }).finally(() => http.close());
  },
};

const theirMeta = { team: 'search' };

/** Begins the return, and holds the call that moves the alias. */
async function holdReturn(stage: ControlStage, { repo, goOn }: StandingRun) {
  const reached = Promise.withResolvers<undefined>();
  const released = Promise.withResolvers<undefined>();
  const others = stage.engineWire.fate;
  stage.engineWire.fate = async exchange => {
    const { path, body } = exchange;
    if (path === '/_aliases' && body.includes(`"${repo.name}"`)) {
      reached.resolve(undefined);
      await released.promise;
    }
    return others(exchange);
  };
  await goOn();
  await reached.promise;
  return { release: () => released.resolve(undefined) };
}

/** What the hand did is as it was left. */
async function expectKept(deed: Deed, before: IndexDescription | undefined, { engine }: ControlStage): Promise<void> {
  const [found] = await engine.indices.describe(before?.name ?? '');
  if (deed === 'deletes an index') {
    expect(found).toBeUndefined();
    return;
  }
  const meta = deed === 'edits a mapping' ? theirMeta : before?.meta;
  expect(found).toMatchObject({ name: before?.name, meta });
  if (deed !== 'edits a mapping') return;
  expect(found?.mappings['properties']).toHaveProperty('theirs');
  expect(await engine.indices.count(before?.name ?? '')).toBeGreaterThan(0);
}
