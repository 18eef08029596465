import { indexedRepoResource } from '../../../src/api/indexed-repo.ts';
import { reindexRequestResource, type ReindexRequest } from '../../../src/api/reindex-request.ts';
import type { Reason } from '../../../src/api/reasons.ts';
import { RetryableError } from '../../../src/domain/errors.ts';
import { mainRole, membersOf, versionName, versionNamed } from '../../../src/domain/version.ts';
import { repoTarget } from '../../../src/runs/target.ts';
import { World } from './a-world.ts';
import { filtersOf } from '../checks/allocation-filters.ts';
import type { Call } from '../fakes/meddle.ts';

/** What becomes of one write of the operator. */
export type Fault = 'killed before' | 'killed after' | 'done twice' | 'request lost' | 'reply lost';

/** One write of the operator, the how many-th it is, and how it is carried out. */
export type Write = { readonly call: Call; readonly at: number; readonly carryOut: () => Promise<unknown> };
export type Interference = (write: Write, world: World) => Promise<unknown>;

export type Ending = {
  readonly serves: readonly string[];
  readonly versions: readonly string[];
  readonly retired: readonly string[];
  readonly commit: string | undefined;
  readonly locked: boolean;
  readonly requests: readonly string[];
  /** The steps of each run that succeeded, as its status tells them. */
  readonly histories: readonly string[];
  readonly jobs: readonly string[];
  readonly ran: readonly string[];
  readonly records: readonly string[];
  readonly conditions: readonly string[];
  /** Filters of allocation that versions carry, and notes of those that are to be taken back. */
  readonly filters: readonly string[];
};

export type GoldenRun = {
  readonly ending: Ending;
  /** Writes of the operator, in order. */
  readonly writes: readonly string[];
  /** Moments at which the alias did not serve exactly one verified version. */
  readonly violations: readonly string[];
  readonly errors: readonly string[];
};

const asItShould: Interference = async ({ carryOut }) => carryOut();

export type Play = (world: World) => Promise<void>;

/** A play from an empty world to rest; `interfere` meets every write of the operator. */
export async function goldenRun(
  play: Play,
  interfere: Interference = asItShould,
  prepare: (world: World) => void = () => undefined,
): Promise<GoldenRun> {
  const world = new World();
  prepare(world);
  const violations: string[] = [];
  let served = false;
  const sample = async (after: string): Promise<void> => {
    const trouble = await troubleOf(world, served);
    served ||= (await world.serves('kibana')).length > 0;
    if (trouble) violations.push(`after ${after}: ${trouble}`);
  };
  let count = 0;
  world.meddle = async (call, carryOut) => {
    const answer = await interfere({ call, at: count++, carryOut }, world);
    await sample(call.what);
    return answer;
  };
  world.startOperator();
  await play(world);
  world.beforeCall = () => undefined;
  await world.pass(90, 5);
  const ending = await endingOf(world);
  await world.stopOperator();
  return { ending, writes: world.writes, violations, errors: world.errors() };
}

/** Lets the write of this number meet a fault; after a death a new operator starts at once. */
export function fault(is: Fault, number: number): Interference {
  return async (write, world) => (write.at === number ? meet(is, write, world) : write.carryOut());
}

async function meet(fault: Fault, { call, carryOut }: Write, world: World): Promise<unknown> {
  switch (fault) {
    case 'killed before':
      restart(world);
      return undefined;
    case 'killed after':
      await carryOut();
      restart(world);
      return undefined;
    case 'done twice':
      await carryOut();
      return carryOut();
    case 'request lost':
      throw lost(call);
    case 'reply lost':
      await carryOut();
      throw lost(call);
    default:
      return fault satisfies never;
  }
}

export function lost({ what }: Call): RetryableError {
  const reason = what.startsWith('kube.') ? 'KubernetesUnavailable' : 'EngineUnavailable';
  return new RetryableError(reason, `the connection was lost during ${what}`);
}

function restart(world: World): void {
  world.killOperator();
  world.startOperator();
}

const light = { schedule: '@every 1m' };

/** First build, push, reshape, and reshape again, which deletes the oldest version. */
export const growing: Play = async world => {
  await world.aCluster();
  await world.aRepo('kibana', { light });
  await world.ready('kibana');
  world.push('kibana', 'c2');
  await world.until('c2 is live', async () => (await world.repo('kibana')).live?.shortCommit === 'c200000000');
  await reshape(world, 'note', 'kibana-v2');
  await reshape(world, 'remark', 'kibana-v3');
};

/** First build, reshape, and back: while the next version is being built, and with no version named. */
export const returning: Play = async world => {
  await world.aCluster();
  await world.aRepo('kibana', { light });
  await world.ready('kibana');
  await reshape(world, 'note', 'kibana-v2');
  world.worker.fate = () => 'hang';
  await world.aRequest('slow', 'kibana');
  await world.until('it is built', async () => (await world.versions('kibana')).length === 3);
  await world.apply(reindexRequestResource, 'back', { target: { repoRef: { name: 'kibana' } }, strategy: 'Rollback' });
  await world.untilCondition(reindexRequestResource, 'back', 'Finished', 'True');
  world.worker.fate = () => 'succeed';
};

/** First build, reshape, and the version that was left expires. */
export const expiring: Play = async world => {
  const retain = { versions: 2, for: '1m' };
  await world.aCluster();
  await world.aRepo('kibana', { light, retain });
  await world.ready('kibana');
  await world.aRepo('kibana', { light, retain, index: { shards: 2 } });
  await world.until('v2 is live', async () => (await world.serves('kibana')).includes('kibana-v2'));
  await world.ready('kibana');
  await world.until('v1 expired', async () => !(await world.versions('kibana')).includes('kibana-v1'));
};

/** Versions of two indices: first build, reshape, and back to the first; and then what was left is kept no longer. */
export const pairing: Play = async world => {
  const properties = { filter: { term: { place: 'here' } } };
  world.targetOf = repo => ({ ...repoTarget(repo), members: [{ role: mainRole }, { role: 'places', properties }] });
  await world.aCluster();
  await world.aRepo('kibana', { light });
  await world.ready('kibana');
  await reshape(world, 'note', 'kibana-v2');
  await world.apply(reindexRequestResource, 'back', { target: { repoRef: { name: 'kibana' } }, strategy: 'Rollback' });
  await world.untilCondition(reindexRequestResource, 'back', 'Finished', 'True');
  await world.aRepo('kibana', { light, retain: { versions: 0 }, index: { shards: 2 } });
  await world.until('v3 is live', async () => (await world.serves('kibana')).includes('kibana-v3'));
  await world.ready('kibana');
};

/** First build, and deleted with everything behind it while the next version is being built. */
export const leaving: Play = async world => {
  await world.aCluster();
  await world.aRepo('kibana', { light, deletionPolicy: 'Delete' });
  await world.ready('kibana');
  world.worker.fate = () => 'hang';
  await world.aRepo('kibana', { light, deletionPolicy: 'Delete', index: { shards: 2 } });
  await world.until('it is built', async () => (await world.jobs()).length === 2);
  world.remove(indexedRepoResource, 'kibana');
  await world.until('it is gone', async () => !(await world.exists(indexedRepoResource, 'kibana')));
};

/**
 * First build; a run that waits at a gate, where a push comes, bakes, where another comes, and is given up; and one that is
 * given up at its gate.
 */
export const trying: Play = async world => {
  await world.aCluster();
  await world.aRepo('kibana', { light });
  await world.ready('kibana');
  const spec = { gates: ['BeforeSwitch'], bake: { for: '1h' } };
  const untilRun = async (name: string, type: string, reason: Reason): Promise<void> =>
    world.until(`${name} is ${reason}`, async () => {
      const found = await world.condition(reindexRequestResource, name, type);
      return found?.reason === reason && found.status !== 'False';
    });
  await world.aRequest('tried', 'kibana', spec);
  await untilRun('tried', 'Paused', 'AwaitingApproval');
  await pushed(world, 'c2');
  await world.aRequest('tried', 'kibana', { ...spec, approved: ['BeforeSwitch'] });
  await untilRun('tried', 'Succeeded', 'Baking');
  await pushed(world, 'c3');
  await world.aRequest('tried', 'kibana', { ...spec, approved: ['BeforeSwitch'], abort: true });
  await world.untilCondition(reindexRequestResource, 'tried', 'Finished', 'True');
  await world.aRequest('given-up', 'kibana', { gates: ['BeforeSwitch'] });
  await untilRun('given-up', 'Paused', 'AwaitingApproval');
  await world.aRequest('given-up', 'kibana', { gates: ['BeforeSwitch'], abort: true });
  await world.untilCondition(reindexRequestResource, 'given-up', 'Finished', 'True');
};

/** Into every version that follows the repository. */
async function pushed(world: World, commit: string): Promise<void> {
  world.push('kibana', commit);
  const versions = await world.versions('kibana');
  await world.until(`${commit} is in ${versions.join()}`, () =>
    versions.every(version => world.worker.ran.includes(`incremental ${version} ${commit}`)),
  );
  await world.pass(5);
}

async function reshape(world: World, field: string, version: string): Promise<void> {
  await world.aRepo('kibana', { light, index: { mappings: { properties: { [field]: { type: 'keyword' } } } } });
  await world.until(`${version} is live`, async () => (await world.serves('kibana')).includes(version));
  await world.ready('kibana');
}

/**
 * I1: once it serves, and until its IndexedRepo is deleted, the alias serves exactly one version, which was verified, with
 * everything it was verified with.
 */
export async function troubleOf(world: World, served: boolean): Promise<string | undefined> {
  if (served && (await world.isLeaving(indexedRepoResource, 'kibana'))) return undefined;
  const members = await world.serves('kibana');
  if (members.length === 0) return served ? 'serves nothing' : undefined;
  const named = versionNamed(members[0] ?? '');
  const member = versionName('kibana', named?.number ?? 0);
  const record = await world.settings.versionRecord(member);
  if (record?.source.commit == null) return `${member} has no verified commit`;
  const whole = membersOf(record.source).map(({ index }) => index);
  if (members.toSorted().join() !== whole.toSorted().join()) return `serves ${members.join(', ')}`;
  const documents = await world.engine.indices.count(member, { term: { doc: 'chunk' } });
  return documents < record.source.chunks ? `${documents} of ${record.source.chunks} documents` : undefined;
}

async function endingOf(world: World): Promise<Ending> {
  const repo = await world.repo('kibana');
  const record = (await world.settings.aliasRecord('kibana'))?.source;
  const requests = (await world.requests()).map(({ metadata, status }) => {
    const { conditions = [], steps = [] } = status as Partial<ReindexRequest['status']>;
    const succeeded = conditions.find(({ type }) => type === 'Succeeded')?.status ?? '';
    const name = metadata.annotations?.['reindeer.dev/cause'] ?? metadata.name;
    const history = steps.map(step => (step.finished === undefined ? `${step.name} without an end` : step.name));
    return { line: `${name} ${succeeded}`, told: succeeded === 'True' ? [`${name}: ${history.join(', ')}`] : [] };
  });
  return {
    serves: await world.serves('kibana'),
    versions: await world.versions('kibana'),
    retired: (repo.retired ?? []).map(version => version.name),
    commit: repo.live?.commit,
    locked: await world.isLocked('kibana'),
    requests: requests.map(({ line }) => line).toSorted(),
    histories: requests.flatMap(({ told }) => told).toSorted(),
    jobs: (await world.jobs()).map(job => job.metadata.ownerReferences?.[0]?.kind ?? '').toSorted(),
    ran: world.worker.ran,
    records: [
      `live ${String(record?.live)} candidate ${String(record?.candidate)}`,
      ...(await world.settings.versionRecords('kibana')).map(version => `${version.index} ${version.phase}`),
      ...(record?.retired ?? []).map(number => `retired ${versionName('kibana', number)}`),
    ],
    filters: await filtersOf(world.engine, 'kibana'),
    conditions: (repo.conditions ?? []).map(({ type, status, reason }) => `${type} ${status} ${reason}`),
  };
}
