import type { IndexDescription } from '../../../src/engine/port.ts';
import type { ReindexRequestStatus } from '../../../src/api/reindex-request.ts';
import type { Copied } from '../../../src/domain/index-body.ts';
import { candidateHealth } from '../../../src/runs/steps/settle.ts';
import { heavyPlace } from '../../../src/runs/heavy-place.ts';
import type { EngineSide, Observed, ObservedJob } from '../../../src/runs/observed.ts';
import { aliasTarget } from '../../../src/runs/target.ts';
import { aVersionRecord } from './a-record.ts';
import { aFreshRun, aJob, answered, asRequest, engineOf, green, heldLock, onEngine } from './a-run.ts';
import { aReindexRequest, aSearchCluster, at } from './an-object.ts';
import { plainWorkers } from './plain-workers.ts';

/**
 * A copy as it is observed at its stages: the alias orders serves orders-2024, which was adopted as version 1, and the run
 * copies it into orders-v2.
 *   begun -> made -> copied -> compared -> cutting over -> switched -> written down
 */

export const original = 'orders-2024';
export const copied = 'orders-v2';
const properties = { is_write_index: true };

const ownerUid = 'alias/kubernetes-uid/team';

export function aCopyRequest(status: Partial<ReindexRequestStatus> = {}, spec: object = {}) {
  const target = { alias: 'orders', clusterRef: { name: 'main' } };
  const copy = {
    index: { mappings: { properties: { sku: { type: 'keyword' } } } },
    ...(spec as { copy?: object }).copy,
  };
  return aReindexRequest({ spec: { target, strategy: 'Copy', adopt: true, ...spec, copy }, status });
}

export function anOriginal(given: Partial<IndexDescription> = {}): IndexDescription {
  return {
    name: original,
    mappings: { properties: { sku: { type: 'text' } } },
    meta: {},
    ...given,
    aliases: { orders: properties, 'orders-read': {}, ...given.aliases },
    settings: {
      'index.number_of_shards': '3',
      'index.number_of_replicas': '1',
      'index.uuid': 'x',
      ...given.settings,
    },
  };
}

const live = aVersionRecord({
  ...{ alias: 'orders', index: original, number: 1, ownerUid, phase: 'Live', repoUrl: '', branch: '' },
  members: [{ role: 'main', index: original, properties }],
});

const filling = aVersionRecord({
  ...{ alias: 'orders', index: copied, number: 2, ownerUid, phase: 'Building', repoUrl: '', branch: '' },
  ...{ workerImage: 'reindeer:1', members: [{ role: 'main', index: copied, properties }] },
});

/** The lock is held, and nothing was made. */
export function aBegunCopy(): Observed {
  const request = aCopyRequest();
  const fresh = asRequest(aFreshRun(), request);
  const engine: Partial<EngineSide> = {
    members: [{ index: original, properties }],
    beside: [{ alias: 'orders-read', members: [{ index: original, properties: {} }], owner: undefined }],
    record: {
      kind: 'alias',
      ...{ alias: 'orders', live: 1, candidate: 2, retired: [], writeSet: [1], nextVersion: 3, tokenCounter: 5 },
      owner: { clusterUuid: 'cluster', namespace: 'team', name: '', uid: ownerUid, operator: 'kubernetes-uid' },
    },
    ...{ versions: [live], indices: [anOriginal()], lock: heldLock() },
  };
  const defaults = { image: 'reindeer:1', allowedGitHosts: [], heavy: {}, workers: plainWorkers };
  const place = heavyPlace(request, { repo: undefined, cluster: aSearchCluster() }, defaults);
  return { ...onEngine(fresh, engine), target: aliasTarget(request, 'orders', 'kubernetes-uid'), place };
}

const building = { 'index.number_of_replicas': '0', 'index.refresh_interval': '-1' };

/** The candidate is there, and empty. */
export function aMadeCopy(): Observed {
  const o = aBegunCopy();
  const index: IndexDescription = {
    name: copied,
    aliases: { [`${copied}.W0`]: { is_hidden: true } },
    mappings: {},
    settings: building,
    meta: { managedBy: 'reindeer', alias: 'orders', version: 2, ownerUid, requestUid: 'run-uid' },
  };
  return onEngine(o, { indices: [anOriginal(), index], versions: [live, filling] });
}

/** The same run with the candidate, or the original, another. */
export function withIndex(o: Observed, name: string, change: Partial<IndexDescription>): Observed {
  const indices = engineOf(o).indices.map(index => (index.name === name ? { ...index, ...change } : index));
  return onEngine(o, { indices });
}

export const verified = { live: 7, candidate: 7, compared: 7, differing: 0 };

export function aCopyNote(given: Partial<Copied> = {}): Copied {
  return { from: original, checkpoints: { '0': 6 }, documents: 7, refused: 0, verified, ...given };
}

/** The Job ended well, and record and index say so. */
export function aFilledCopy(given: Partial<Copied> = {}): Observed {
  const o = aMadeCopy();
  const meta = { ...engineOf(o).indices[1]?.meta, copied: aCopyNote(given) };
  const versions = [live, { ...filling, phase: 'Complete' as const, chunks: 7 }];
  const filled = onEngine(withIndex(o, copied, { meta }), { versions });
  const jobs = [aJob({ state: 'succeeded', index: copied, commit: '', finished: at(60) })];
  return { ...answered(filled, candidateHealth, green), jobs };
}

export const passed: NonNullable<ReindexRequestStatus['verification']> = [
  { name: 'documents', result: 'Pass', message: '' },
  { name: 'digest', result: 'Pass', message: '' },
];

/** Its copies are there, and what the comparison came to is written down. */
export function aComparedCopy(status: Partial<ReindexRequestStatus> = {}): Observed {
  const settings = { 'index.number_of_replicas': '1' };
  const o = withIndex(aFilledCopy(), copied, { settings });
  return asRequest(o, aCopyRequest({ verification: passed, ...status }));
}

export const guards = { writers: `${copied}.W1.1`, block: `${original}.C1.1` };

/** A worker cuts over: it has the guard, and has blocked writes if that is said. */
export function aCuttingCopy(
  given: {
    readonly blocked?: boolean;
    readonly status?: Partial<ReindexRequestStatus>;
    readonly job?: Partial<ObservedJob>;
  } = {},
): Observed {
  const compared = aComparedCopy(given.status);
  const jobs = [...compared.jobs, aJob({ round: 1, index: copied, commit: '', ...given.job })];
  const settings = given.blocked === true ? { 'index.blocks.write': 'true' } : {};
  const source = anOriginal({ aliases: { [guards.block]: { is_hidden: true } }, settings });
  const guarded = withIndex(compared, original, source);
  return { ...withIndex(guarded, copied, { aliases: { [guards.writers]: { is_hidden: true } } }), jobs };
}

/** The aliases moved; nobody wrote that down yet. */
export function aSwitchedCopy(job: Partial<ObservedJob> = { state: 'succeeded' }): Observed {
  const o = aCuttingCopy({ job });
  const settings = { 'index.number_of_shards': '3', 'index.blocks.write': 'true' };
  const left = withIndex(o, original, { aliases: {}, settings });
  const taken = withIndex(left, copied, { aliases: { orders: properties, 'orders-read': {} } });
  return onEngine(taken, { members: [{ index: copied, properties }] });
}

export function aRecordedCopy(job?: Partial<ObservedJob>): Observed {
  const o = aSwitchedCopy(job);
  const { record } = engineOf(o);
  return record ? onEngine(o, { record: { ...record, live: 2, candidate: null, retired: [1], writeSet: [2] } }) : o;
}
