import { expect } from '@jest/globals';
import { reindexRequestResource } from '../../../src/api/reindex-request.ts';
import { eventually } from '../../support/checks/eventually.ts';
import { expectOneVersion } from '../../support/checks/expect-one-version.ts';
import type { FaultRecord } from '../../support/checks/fault-table.ts';
import { holdBulks } from '../../support/fakes/held-bulks.ts';
import { anIndexBody } from '../../support/objects/an-index.ts';
import { sampleOf, seed } from '../../support/objects/sampled.ts';
import { declareRepo, type DeclaredRepo } from '../../support/real/a-declared-repo.ts';
import { aTenant } from '../../support/real/a-tenant.ts';
import type { ControlStage } from '../../support/real/control-stage.ts';
import type { FaultRow } from '../../support/real/fault-row.ts';
import { standAt } from '../../support/real/standing-run.ts';

type When = 'build' | 'gate' | 'bake';
type Deed = 'spec changed' | 'request made anew' | 'IndexedRepo made anew';

/** What is done when, and which versions are there in the end, the live one first. */
type Change = readonly [when: When, deed: Deed, left: readonly number[]];

/** Every third one is of each moment, and of each deed. */
const all: readonly Change[] = [
  ['build', 'spec changed', [3, 2]],
  ['gate', 'spec changed', [3, 2]],
  ['bake', 'spec changed', [3, 1]],
  ['gate', 'request made anew', [3, 1]],
  ['bake', 'request made anew', [2, 1]],
  ['build', 'request made anew', [3, 1]],
  ['bake', 'IndexedRepo made anew', [3]],
  ['build', 'IndexedRepo made anew', [3]],
  ['gate', 'IndexedRepo made anew', [3]],
];

/** F25: what a run is about is changed, or deleted and made anew under its name, where the run stands. */
export const changedOrMadeAnew: FaultRow<ControlStage> = {
  id: 'F25',
  fault: 'spec changed, request or IndexedRepo deleted and made anew, in a build, at a gate, in a bake',
  withinMs: 300_000,
  run: async (shared, record) => {
    const stage = await aTenant(shared, record, { namespace: 'f25' });
    const chosen = sampleOf(3, all);
    record.remark(`seed ${seed}: ${chosen.map(([when, deed]) => `${deed}: ${when}`).join(', ')}`);
    const playing = chosen.map(async change => play(change, stage, record));
    await Promise.allSettled(playing);
    await Promise.all(playing);
  },
};

const specs = { build: {}, gate: { gates: ['BeforeSwitch'] }, bake: { bake: { for: '1h' } } } as const;

async function play(change: Change, stage: ControlStage, record: FaultRecord): Promise<void> {
  const [when, deed, left] = change;
  const name = `f25-${all.indexOf(change)}`;
  const repo = await declareRepo(stage, name);
  await repo.untilLive(repo.commit);
  // What serves goes with the object that is deleted.
  const observer = deed === 'IndexedRepo made anew' ? undefined : await repo.observed(record);
  const request = `${name}-run`;
  const goOn = await standing(when, repo, { stage, record });
  record.attempt();
  const startedMs = performance.now();
  await deeds[deed]({ stage, repo, request, when, goOn });
  record.inject();
  const [live, ...retired] = left.map(number => `${name}-v${number}`);
  await repo.until(`serves ${live}`, ({ status }) => status.live?.name === live);
  const served = await repo.untilAtRest();
  record.recovered(performance.now() - startedMs);
  await observer?.stop();
  const [index] = await stage.engine.indices.describe(live ?? '');
  expect(index?.meta['ownerUid']).toBe(served.metadata.uid);
  await expectOneVersion(stage, repo, { live: live ?? '', retired });
}

/** Takes a run as far as that; the answer lets it go on. */
async function standing(when: When, repo: DeclaredRepo, parts: Parts): Promise<() => Promise<void>> {
  if (when !== 'build') return (await standAt(when, repo, parts, specs[when])).goOn;
  const held = holdBulks(parts.stage.engineWire, `${repo.name}-v2`);
  parts.record.atEnd(async () => held.release());
  await repo.rebuild(`${repo.name}-run`);
  await held.reached;
  return async () => held.release();
}

type Parts = { readonly stage: ControlStage; readonly record: FaultRecord };

type Standing = {
  readonly stage: ControlStage;
  readonly repo: DeclaredRepo;
  readonly request: string;
  readonly when: When;
  readonly goOn: () => Promise<void>;
};

const deeds: Readonly<Record<Deed, (standing: Standing) => Promise<void>>> = {
  // What runs is finished as it was asked for, or undone; the other shape is built then.
  'spec changed': async ({ repo, goOn }) => {
    await repo.patch({ index: { mappings: { properties: { note: { type: 'keyword' } } } } });
    await goOn();
  },
  'request made anew': async ({ stage: { kube, namespace }, repo, request, when, goOn }) => {
    const before = await repo.untilRun(request, 'is there', () => true);
    await kube.delete(reindexRequestResource, { namespace, name: request }, before.metadata.uid);
    await eventually(
      `${request} is gone`,
      60_000,
      async () => (await kube.get(reindexRequestResource, { namespace, name: request })) === undefined,
    );
    await repo.rebuild(request, specs[when]);
    if (when === 'gate') await repo.untilRun(request, 'stands', ({ status }) => status?.gate === 'BeforeSwitch');
    // In the bake what it asks for serves already.
    if (when !== 'bake') await goOn();
    const { status } = await repo.untilEnded(request);
    const reason = status.conditions?.find(({ type }) => type === 'Succeeded')?.reason;
    expect([when, reason]).toEqual([when, when === 'bake' ? 'AlreadyLive' : 'Succeeded']);
  },
  'IndexedRepo made anew': async ({ stage: { engine }, repo, request, goOn }) => {
    const { name } = repo;
    // Like a version of the alias in all but its owner.
    const meta = { managedBy: 'reindeer', alias: name, version: 50, ownerUid: 'another', requestUid: 'another' };
    await engine.indices.create(`${name}-v50`, anIndexBody({ meta }));
    await repo.remove();
    await repo.untilGone();
    await goOn();
    await repo.declareAgain();
    await repo.untilLive(repo.commit);
    await repo.untilEnded(request);
    await repo.untilAtRest();
    const [found] = await engine.indices.describe(`${name}-v50`);
    expect(found?.meta).toEqual(meta);
    await engine.indices.delete(`${name}-v50`);
  },
};
