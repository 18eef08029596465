import type { LockSeen } from '../../../src/alias/lock-watch.ts';
import type { ReindexRequest } from '../../../src/api/reindex-request.ts';
import { publicAlias } from '../../../src/domain/document-model.ts';
import type { AliasRecord, Lease } from '../../../src/domain/records.ts';
import { shapeHash } from '../../../src/domain/shape.ts';
import type { IndexDescription } from '../../../src/engine/port.ts';
import { liveBytes } from '../../../src/runs/candidate-shards.ts';
import { noAnswers, withAnswer, type Answers, type Question } from '../../../src/plan/question.ts';
import { newestCommit } from '../../../src/runs/newest-commit.ts';
import type { EngineSide, Observed, ObservedJob } from '../../../src/runs/observed.ts';
import { candidateHealth } from '../../../src/runs/steps/settle.ts';
import { documentCounts } from '../../../src/runs/steps/verify.ts';
import { heavyPlace } from '../../../src/runs/heavy-place.ts';
import { strategyOf } from '../../../src/runs/strategies.ts';
import { repoTarget, type RepoTarget } from '../../../src/runs/target.ts';
import { aVersionRecord } from './a-record.ts';
import { aReindexRequest, anIndexedRepo, aSearchCluster, at, t0 } from './an-object.ts';
import { plainWorkers } from './plain-workers.ts';

/**
 * A run as it is observed at its stages: kibana-v1 is live and the run builds kibana-v2.
 *   fresh -> locked -> reserved -> created -> filled -> settled -> switched -> recorded
 */

export const c1 = 'c1'.padEnd(40, '0');
export const c2 = 'c2'.padEnd(40, '0');

export function aVersionIndex(number: number, meta: object = {}, settings: object = {}): IndexDescription {
  return {
    name: `kibana-v${number}`,
    aliases: {},
    mappings: {},
    settings: { 'index.number_of_replicas': '1', ...settings },
    meta: {
      managedBy: 'reindeer',
      alias: 'kibana',
      version: number,
      ownerUid: 'kibana-uid',
      requestUid: `request-${number}`,
      token: number,
      ...meta,
    },
  };
}

const record: AliasRecord = {
  kind: 'alias',
  alias: 'kibana',
  owner: { clusterUuid: 'cluster', namespace: 'team', name: 'kibana', uid: 'kibana-uid', operator: 'kubernetes-uid' },
  live: 1,
  candidate: null,
  retired: [],
  writeSet: [1],
  nextVersion: 2,
  tokenCounter: 4,
};

const shape = shapeHash(anIndexedRepo().spec.index);
const v1 = aVersionRecord({ ownerUid: 'kibana-uid', phase: 'Live', commit: c1, files: 2, chunks: 2, shapeHash: shape });

function free(): LockSeen {
  const lease = { held: false, holder: null, token: 4, epoch: 0, leaseSeconds: 60 };
  return { lease, seqNo: 9, stillMs: 0, holderOurs: true, holderGone: false };
}

/** Held by this run, or by who is given. */
export function heldLock(given: Partial<LockSeen> = {}, lease: Partial<Lease> = {}): LockSeen {
  const holder = { kind: 'Heavy' as const, name: 'ReindexRequest/team/run', uid: 'run-uid', pod: '' };
  const held = { ...free().lease, held: true, holder, token: 5, ...lease };
  return { ...free(), lease: held, holderOurs: held.holder?.kind === 'Heavy', ...given };
}

/** Free again, because somebody took it by hand from the holder with this uid. */
export function brokenLock(uid: string): LockSeen {
  const holder = { kind: 'Heavy' as const, name: 'ReindexRequest/team/some', uid, pod: '' };
  const broken = { by: 'ann@laptop', reason: 'gone', at: at(0), held: [{ of: 'lock', holder, token: 4 }] };
  return { ...free(), broken };
}

/** What an IndexedRepo asks of its runs. */
export function aTarget(given: Parameters<typeof anIndexedRepo>[0] = {}): RepoTarget {
  return repoTarget(anIndexedRepo(given));
}

const defaults = {
  image: 'reindeer:1',
  allowedGitHosts: ['git.corp'],
  heavy: { resources: { limits: { memory: '2Gi' } } },
  workers: plainWorkers,
};

/** Nothing was done yet. */
export function aFreshRun(given: Partial<Observed> = {}): Observed {
  const request = given.request ?? aReindexRequest();
  const engine: EngineSide = {
    clusterUuid: 'cluster',
    operator: 'kubernetes-uid',
    doubt: undefined,
    ownerLives: true,
    settingsIndex: 'reindeer-settings',
    aliasIs: 'alias',
    members: [{ index: 'kibana-v1', properties: publicAlias }],
    record,
    versions: [v1],
    indices: [{ ...aVersionIndex(1), aliases: { kibana: publicAlias } }],
    scratch: [],
    beside: [],
    lock: free(),
  };
  return {
    now: t0,
    request,
    traits: strategyOf(request).traits,
    target: aTarget(),
    pausedBy: undefined,
    holder: {
      kind: 'Heavy',
      name: 'ReindexRequest/team/run',
      uid: request.metadata.uid,
      pod: '',
      operator: 'kubernetes-uid',
    },
    leaseSeconds: 60,
    hindrance: undefined,
    ahead: undefined,
    aside: false,
    preemptedBy: undefined,
    engine,
    jobs: [],
    run: undefined,
    isCheckDue: false,
    lastBuild: undefined,
    answers: withAnswer(withAnswer(noAnswers, newestCommit, { is: 'found', commit: c2 }), liveBytes, 1000),
    zones: undefined,
    image: 'reindeer:1',
    place: heavyPlace(request, { repo: anIndexedRepo(), cluster: aSearchCluster() }, defaults),
    ...given,
  };
}

/** The same run of an IndexedRepo that is declared so by now. */
export function declaring(o: Observed, given: Parameters<typeof anIndexedRepo>[0]): Observed {
  const repo = anIndexedRepo(given);
  return {
    ...o,
    target: repoTarget(repo),
    image: repo.spec.worker?.image ?? o.image,
    place: heavyPlace(o.request, { repo, cluster: aSearchCluster() }, defaults),
  };
}

/** The same run with another answer to one question of its steps; undefined = it was not asked yet. */
export function answered<Answer>(
  o: Observed,
  asked: Question<Answer, never, never>,
  answer: Answer | undefined,
): Observed {
  const others: Answers = new Map([...o.answers].filter(([each]) => each !== asked));
  return { ...o, answers: answer === undefined ? others : withAnswer(others, asked, answer) };
}

/** The same run of another request. */
export function asRequest(o: Observed, request: ReindexRequest): Observed {
  return { ...o, request, traits: strategyOf(request).traits };
}

export function onEngine(o: Observed, change: Partial<EngineSide>): Observed {
  return { ...o, engine: { ...engineOf(o), ...change } };
}

export function onRecord(o: Observed, change: Partial<AliasRecord>): Observed {
  return onEngine(o, { record: { ...record, ...engineOf(o).record, ...change } });
}

export function engineOf({ engine }: Observed): EngineSide {
  if (!engine) throw new Error('this run has no engine');
  return engine;
}

export function aLockedRun(): Observed {
  return onEngine(aFreshRun(), { lock: heldLock() });
}

export function aReservedRun(): Observed {
  return onRecord(aLockedRun(), { candidate: 2, nextVersion: 3, tokenCounter: 5 });
}

const building = { 'index.number_of_replicas': '0', 'index.refresh_interval': '-1' };

export function aCreatedRun(): Observed {
  const o = aReservedRun();
  const { indices, versions } = engineOf(o);
  const index = aVersionIndex(2, { requestUid: 'run-uid' }, building);
  const built = { number: 2, phase: 'Building', commit: null, workerImage: 'reindeer:1' } as const;
  const candidate = aVersionRecord({ ...v1, ...built, index: 'kibana-v2' });
  return onEngine(o, { indices: [...indices, index], versions: [...versions, { ...candidate, files: 0, chunks: 0 }] });
}

export function aJob(given: Partial<ObservedJob> = {}): ObservedJob {
  return {
    key: { namespace: 'team', name: `job-${given.round ?? 0}` },
    uid: `job-${given.round ?? 0}-uid`,
    ownerUid: 'run-uid',
    ownerKind: 'ReindexRequest',
    ownerName: 'run',
    deleting: false,
    deletingSince: '',
    state: 'active',
    ready: 1,
    suspended: false,
    queued: false,
    failure: '',
    image: 'reindeer:1',
    template: 'as declared',
    index: 'kibana-v2',
    commit: c2,
    base: '',
    round: 0,
    partitions: 1,
    failedPartitions: '',
    created: at(0),
    finished: '',
    ...given,
  };
}

export const green = {
  status: 'green',
  activeShards: 1,
  unassignedShards: 0,
  initializingShards: 0,
  relocatingShards: 0,
} as const;

/** The Job ended well, and the record says so. */
export function aFilledRun(): Observed {
  const o = aCreatedRun();
  const versions = engineOf(o).versions.map(version =>
    version.number === 2 ? { ...version, commit: c2, files: 3, chunks: 5 } : version,
  );
  const job = aJob({ state: 'succeeded', finished: at(60) });
  const from = { name: 'kibana-v1', number: 1, indices: ['kibana-v1'], since: at(0), commit: c1, documents: 2 };
  const request = { ...o.request, status: { ...o.request.status, from } } as Observed['request']; // as far as it is read
  const counted = answered(onEngine(o, { versions }), documentCounts, { files: 3, chunks: 5 });
  return { ...answered(counted, candidateHealth, green), request, jobs: [job] };
}

export function aSettledRun(): Observed {
  const o = aFilledRun();
  const indices = engineOf(o).indices.map(index =>
    index.name === 'kibana-v2' ? { ...index, settings: { 'index.number_of_replicas': '1' } } : index,
  );
  return onEngine(o, { indices });
}

/** The alias moved; nobody wrote that down yet. */
export function aSwitchedRun(): Observed {
  const o = aSettledRun();
  const indices = engineOf(o).indices.map(index => ({
    ...index,
    aliases: index.name === 'kibana-v2' ? { kibana: publicAlias } : {},
  }));
  return onEngine(o, { indices, members: [{ index: 'kibana-v2', properties: publicAlias }] });
}

export function aRecordedRun(): Observed {
  return onRecord(aSwitchedRun(), { live: 2, candidate: null, retired: [1], writeSet: [2] });
}
