import { beforeEach, describe, expect, it } from '@jest/globals';
import { claimAlias } from '../../../src/alias/effects/claim.ts';
import { deleteVersion } from '../../../src/alias/effects/delete-version.ts';
import type { OnEngine } from '../../../src/alias/effects/engine-effect.ts';
import { aliasLock } from '../../../src/alias/effects/lock.ts';
import { leaveAlias } from '../../../src/alias/effects/release.ts';
import { moveAlias } from '../../../src/alias/effects/switch.ts';
import { indexedRepoResource } from '../../../src/api/indexed-repo.ts';
import { publicAlias } from '../../../src/domain/document-model.ts';
import { ConflictError, RetryableError, TerminalError } from '../../../src/domain/errors.ts';
import type { Engine } from '../../../src/engine/port.ts';
import { fencesOn } from '../../../src/fences/fences.ts';
import { addFinalizer } from '../../../src/objects/finalizers.ts';
import type { OnKube } from '../../../src/objects/kube-effect.ts';
import { carryOut } from '../../../src/plan/carry-out.ts';
import type { Effect } from '../../../src/plan/effect.ts';
import { settingsOn } from '../../../src/registry/settings.ts';
import { createVersion, reserveVersion } from '../../../src/runs/steps/create-candidate.ts';
import { createJob, deleteJob } from '../../../src/work/job-effects.ts';
import { jobResource, kubeJobs } from '../../../src/work/kube-jobs.ts';
import type { AtWork } from '../../../src/work/workplace.ts';
import { aHolder, anOwner, aVersionRecord } from '../../support/objects/a-record.ts';
import { anIndexBody } from '../../support/objects/an-index.ts';
import { aRunJob } from '../../support/objects/a-run-job.ts';
import { fakeEngine } from '../../support/fakes/fake-engine.ts';
import { FakeKube } from '../../support/fakes/fake-kube.ts';
import { recordingLog } from '../../support/fakes/recording-log.ts';
import { handClock } from '../../support/fakes/hand-clock.ts';

const owner = anOwner();
const key = { namespace: 'team', name: 'kibana-light-1f' };
const wanted = { alias: 'kibana', holder: aHolder(), leaseSeconds: 60, tokenFloor: 0 };

function starting(ownerUid: string) {
  const assignment = aRunJob();
  return createJob({ assignment, place: { ...assignment, owner: { ...assignment.owner, uid: ownerUid } } });
}

type Hands = OnEngine & OnKube & AtWork;

describe('an effect', () => {
  let kube: FakeKube;
  let engine: Engine;
  let hands: Hands;
  const { log, lines } = recordingLog();

  beforeEach(async () => {
    kube = new FakeKube();
    engine = fakeEngine();
    const settings = settingsOn(engine, 'reindeer-settings');
    await settings.ensure();
    hands = { kube, workplace: kubeJobs(kube), engine: { engine, settings, ...fencesOn(engine, handClock()) } };
  });

  const run = async (...effects: readonly Effect<Hands>[]): Promise<void> => {
    for (const each of effects) await each.run(hands);
  };
  const settings = () => hands.engine!.settings;
  const claim = claimAlias({ alias: 'kibana', owner });
  const meta = (ownerUid: string, requestUid = 'run') => ({
    managedBy: 'reindeer',
    alias: 'kibana',
    ownerUid,
    requestUid,
  });
  const create = (number: number, ownerUid = owner.uid) =>
    createVersion({
      bodies: [{ index: `kibana-v${number}`, body: anIndexBody({ meta: meta(ownerUid) }) }],
      record: aVersionRecord({ index: `kibana-v${number}`, number, ownerUid }),
    });
  const remove = (number: number) =>
    deleteVersion({ alias: 'kibana', number, indices: [`kibana-v${number}`], ownerUid: owner.uid });

  it('that needs an engine waits for one', async () => {
    await expect(claim.run({ engine: undefined })).rejects.toThrow(RetryableError);
  });

  it('is applied in order and the rest is left when one fails', async () => {
    await expect(
      carryOut([claim, aliasLock.takeOver({ ...wanted, seqNo: 7 }), create(1)], { hands, log }, async () => undefined),
    ).rejects.toThrow(ConflictError);
    expect(await engine.indices.describe('kibana-v1')).toEqual([]);
    expect(lines.at(-1)).toMatchObject({ effect: 'claim-alias/kibana', msg: 'effect applied' });
  });

  it('that creates is content with what is there if it has the same owner, and with nothing else', async () => {
    await run(starting('ours'), starting('ours'));
    await expect(run(starting('others'))).rejects.toThrow(TerminalError);
  });

  it('that starts a Job says in the log which commit goes into which index', async () => {
    await carryOut([starting('ours')], { hands, log }, async () => undefined);
    const { index, commit } = aRunJob().work;
    expect(lines.at(-1)).toMatchObject({ msg: 'effect applied', index, commit });
  });

  it('that deletes names the uid: an object made anew under the name stays', async () => {
    await run(starting('ours'), deleteJob({ key, uid: 'former' }));
    expect(await kube.get(jobResource, key)).toBeDefined();
  });

  it('that sets finalizers fails when the object moved since it was looked at', async () => {
    await kube.create(indexedRepoResource, { apiVersion: 'v1', kind: 'IndexedRepo', metadata: key, spec: {} });
    const old = { ...key, uid: '1', resourceVersion: 'old', generation: 1, creationTimestamp: '' };
    await expect(run(addFinalizer(indexedRepoResource, old))).rejects.toThrow(ConflictError);
  });

  it("that claims an alias may be done twice, and is refused when it is somebody else's", async () => {
    await run(claim, claim);
    await expect(run(claimAlias({ alias: 'kibana', owner: anOwner({ uid: 'late' }) }))).rejects.toThrow(
      /belongs to IndexedRepo search\/kibana/,
    );
  });

  it('that leaves an alias behind takes its name off everything, and the next claim puts another on', async () => {
    await run(claim, create(1), create(2), leaveAlias({ alias: 'kibana', ownerUid: owner.uid }));
    const owners = async (): Promise<unknown[]> => [
      (await settings().aliasRecord('kibana'))?.source.owner.uid,
      ...(await settings().versionRecords('kibana')).map(version => version.ownerUid),
      ...(await engine.indices.describe('kibana-v*')).map(index => index.meta['ownerUid']),
    ];
    expect(await owners()).toEqual(['', '', '', '', '']);
    await run(claimAlias({ alias: 'kibana', owner: anOwner({ uid: 'heir' }) }));
    expect(await owners()).toEqual(['heir', 'heir', 'heir', 'heir', 'heir']);
  });

  it('that leaves an alias behind leaves indices of others as they are', async () => {
    await engine.indices.create('kibana-v9', anIndexBody({ meta: { ...meta('other') } }));
    await run(claim, leaveAlias({ alias: 'kibana', ownerUid: owner.uid }));
    expect((await engine.indices.describe('kibana-v9'))[0]?.meta['ownerUid']).toBe('other');
  });

  it("that creates a version is refused when the index is another request's", async () => {
    await engine.indices.create('kibana-v1', anIndexBody({ meta: meta(owner.uid, 'another') }));
    await run(claim);
    await expect(run(create(1))).rejects.toThrow(/made by somebody else/);
    expect(await settings().versionRecord('kibana-v1')).toBeUndefined();
  });

  it('that deletes a version takes it out of every list, and may be done twice', async () => {
    await run(claim, create(1));
    await settings().changeAlias('kibana', record => ({ ...record, candidate: 1, retired: [1], writeSet: [1] }));
    await run(remove(1), remove(1));
    expect((await settings().aliasRecord('kibana'))?.source).toMatchObject({
      candidate: null,
      retired: [],
      writeSet: [],
    });
    expect(await engine.indices.describe('kibana-v1')).toEqual([]);
  });

  it('that deletes a version looks again: not one of another owner, not one that is served', async () => {
    await run(claim);
    await engine.indices.create('kibana-v1', anIndexBody({ meta: meta('other') }));
    await expect(run(remove(1))).rejects.toMatchObject({ reason: 'AliasOwnedElsewhere' });
    await engine.indices.create('kibana-v2', anIndexBody({ meta: meta(owner.uid) }));
    await engine.aliases.update([{ add: { index: 'kibana-v2', alias: 'kibana' } }]);
    await expect(run(remove(2))).rejects.toMatchObject({ reason: 'Drifted' });
    expect((await engine.indices.describe('kibana-v*')).map(index => index.name)).toEqual(['kibana-v1', 'kibana-v2']);
  });

  it('that switches says Drifted when the alias is not where it should be', async () => {
    await run(claim, create(1), create(2));
    const served = (number: number) => ({ index: `kibana-v${number}`, properties: publicAlias });
    const switching = (...expected: readonly ReturnType<typeof served>[]) =>
      moveAlias({ alias: 'kibana', expected, next: [served(2)] });
    await expect(run(switching(served(7)))).rejects.toMatchObject({ reason: 'Drifted' });
    await run(switching(), switching());
    expect((await engine.aliases.members('kibana')).map(member => member.index)).toEqual(['kibana-v2']);
  });

  it('that reserves a number reserves it once', async () => {
    const reserve = reserveVersion({ alias: 'kibana', number: 1 });
    await run(claim, reserve, reserve);
    expect((await settings().aliasRecord('kibana'))?.source).toMatchObject({ candidate: 1, nextVersion: 2 });
  });

  it('that renews a lock says so when it is lost', async () => {
    await run(claim, aliasLock.take({ ...wanted, tokenFloor: 4 }));
    const token = (await settings().lockRecord('kibana'))!.source.lease.token;
    expect(token).toBe(5);
    await run(aliasLock.renew({ alias: 'kibana', holder: aHolder(), token }));
    const former = aliasLock.renew({ alias: 'kibana', holder: aHolder(), token: 4 });
    await expect(run(former)).rejects.toThrow(ConflictError);
    const other = aHolder({ uid: 'other' });
    await expect(run(aliasLock.take({ ...wanted, holder: other }))).rejects.toThrow(ConflictError);
    await run(aliasLock.release({ alias: 'kibana', holder: other, token }));
    expect((await settings().lockRecord('kibana'))?.source.lease.held).toBe(true);
  });
});
