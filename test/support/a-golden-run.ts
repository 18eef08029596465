import { versionName } from '../../src/domain/versions.ts';
import { World } from './a-world.ts';

/** What becomes of one write of the operator. */
export type Fault = 'killed before' | 'killed after' | 'done twice';

export type Ending = {
  readonly serves: readonly string[];
  readonly versions: readonly string[];
  readonly retired: readonly string[];
  readonly commit: string | undefined;
  readonly locked: boolean;
  readonly requests: readonly string[];
  readonly jobs: readonly string[];
  readonly ran: readonly string[];
  readonly records: readonly string[];
  readonly conditions: readonly string[];
};

export type GoldenRun = {
  readonly ending: Ending;
  /** Writes of the operator, in order. */
  readonly writes: readonly string[];
  /** Moments at which the alias did not serve exactly one verified version. */
  readonly violations: readonly string[];
  readonly errors: readonly string[];
};

/**
 * First build, push, reshape, reshape with the oldest version deleted, and then rest. With a fault the write number `at`
 * meets it, and a new operator starts at once.
 */
export async function goldenRun(fault?: { readonly is: Fault; readonly at: number }): Promise<GoldenRun> {
  const world = new World();
  const violations: string[] = [];
  let served = false;
  const sample = async (after: string): Promise<void> => {
    const trouble = await troubleOf(world, served);
    served ||= (await world.serves('kibana')).length > 0;
    if (trouble) violations.push(`after ${after}: ${trouble}`);
  };
  let count = 0;
  world.meddle = async (call, carryOut) => {
    const at = count++;
    const answer = fault?.at === at ? await meet(fault.is, world, carryOut) : await carryOut();
    await sample(call.what);
    return answer;
  };
  world.startOperator();
  await play(world);
  const ending = await endingOf(world);
  await world.stopOperator();
  return { ending, writes: world.writes, violations, errors: world.errors() };
}

async function meet(fault: Fault, world: World, carryOut: Parameters<World['meddle']>[1]): Promise<unknown> {
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
    default:
      return fault satisfies never;
  }
}

function restart(world: World): void {
  world.killOperator();
  world.startOperator();
}

async function play(world: World): Promise<void> {
  await world.aCluster();
  await world.aRepo('kibana');
  await world.ready('kibana');
  world.push('kibana', 'c2');
  await world.until('c2 is live', async () => (await world.repo('kibana')).live?.shortCommit === 'c200000000');
  for (const [field, version] of [
    ['note', 'kibana-v2'],
    ['remark', 'kibana-v3'],
  ] as const) {
    await world.aRepo('kibana', { index: { mappings: { properties: { [field]: { type: 'keyword' } } } } });
    await world.until(`${version} is live`, async () => (await world.serves('kibana')).includes(version));
    await world.ready('kibana');
  }
  await world.pass(60, 5);
}

/** I1: once it serves, the alias serves exactly one version, which was verified, with everything it was verified with. */
async function troubleOf(world: World, served: boolean): Promise<string | undefined> {
  const members = await world.serves('kibana');
  if (members.length === 0) return served ? 'serves nothing' : undefined;
  const [member = ''] = members;
  if (members.length > 1) return `serves ${members.join(', ')}`;
  const record = await world.settings.versionRecord(member);
  if (record?.source.commit == null) return `${member} has no verified commit`;
  const documents = await world.engine.indices.count('kibana');
  return documents < record.source.chunks ? `${documents} of ${record.source.chunks} documents` : undefined;
}

async function endingOf(world: World): Promise<Ending> {
  const repo = await world.repo('kibana');
  const record = (await world.settings.aliasRecord('kibana'))?.source;
  const causes = (await world.requests()).map(request => {
    const { conditions = [] } = request.status as { conditions?: { type: string; status: string }[] };
    const succeeded = conditions.find(each => each.type === 'Succeeded')?.status ?? '';
    return `${request.metadata.annotations?.['reindeer.dev/cause'] ?? ''} ${succeeded}`;
  });
  return {
    serves: await world.serves('kibana'),
    versions: await world.versions('kibana'),
    retired: (repo.retired ?? []).map(version => version.name),
    commit: repo.live?.commit,
    locked: await world.isLocked('kibana'),
    requests: causes.toSorted(),
    jobs: (await world.jobs()).map(job => job.metadata.ownerReferences?.[0]?.kind ?? '').toSorted(),
    ran: world.worker.ran,
    records: [
      `live ${String(record?.live)} candidate ${String(record?.candidate)}`,
      ...(await world.settings.versionRecords('kibana')).map(version => `${version.index} ${version.phase}`),
      ...(record?.retired ?? []).map(number => `retired ${versionName('kibana', number)}`),
    ],
    conditions: (repo.conditions ?? []).map(({ type, status, reason }) => `${type} ${status} ${reason}`),
  };
}

