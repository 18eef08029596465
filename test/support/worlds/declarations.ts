import fc from 'fast-check';
import { indexedRepoKind } from '../../../src/api/indexed-repo.ts';
import type { Kind } from '../../../src/api/kind.ts';
import { reindexRequestKind, reindexRequestResource, type ReindexRequest } from '../../../src/api/reindex-request.ts';
import { urlOf, type World } from './a-world.ts';
import { namespace } from './world-view.ts';

/** What people may declare, good and bad: fields that are `undefined` are absent. */

const maybe = <T>(values: readonly T[]): fc.Arbitrary<T | undefined> =>
  fc.option(fc.constantFrom(...values), { nil: undefined });

const chunks = { name: 'chunks', body: { term: { doc: 'chunk' } } };

/** How a run behaves, as its request or a template says it. */
const runs = fc.record({
  build: maybe([{ placement: 'BuildZone' }, { placement: 'BuildZone', partitions: 2 }, { partitions: 3 }]),
  gates: maybe([['BeforeSwitch'], ['AfterBake'], ['BeforeSwitch', 'AfterBake']]),
  bake: maybe([{ for: '1m' }, { for: '5m', onFailure: 'Rollback' }, { for: '5m' }, { for: '5m', onFailure: 'Report' }]),
  verify: maybe([
    { queries: [{ ...chunks, overlapPercent: 1, maxLatencyPercent: 10_000 }] },
    { queries: [{ ...chunks, minHits: 1000 }] },
    { queries: [{ ...chunks, body: {} }] },
    { digest: 'Full' },
    { digest: 'None', queries: [chunks] },
  ]),
  warm: maybe([{}, { atMost: '10s' }]),
  retain: maybe([{ versions: 0 }, { versions: 2, for: '5m' }]),
  deadline: maybe(['1m', '1h']),
  stallAfter: maybe(['1m']),
});

export const repoSpecs = fc
  .record({
    index: fc.record({
      shards: maybe([1, 2, 3]),
      replicas: fc.constantFrom(0, 1, 2),
      mappings: maybe([{ properties: { note: { type: 'keyword' } } }]),
    }),
    source: fc.record({
      url: fc.constantFrom(urlOf('kibana'), urlOf('kibana'), urlOf('mirror'), urlOf('nowhere')),
      include: maybe([['docs/**']]),
    }),
    light: fc.record({
      schedule: fc.constantFrom('@every 1m', '@every 1m', '*/5 * * * *', '0 0 30 2 *'),
      duringReindex: fc.constantFrom('Skip', 'Continue'),
    }),
    worker: maybe([{ image: 'corp/indexer:1' }, { image: 'corp/indexer:2' }]),
    rebuild: fc.record({
      revision: maybe(['a', 'b']),
      retries: fc.constantFrom(0, 1, 2),
      automaticFor: maybe([[], ['SpecChanged'], ['SpecChanged', 'WorkerChanged', 'ShardsOutgrown']]),
      schedule: maybe(['@every 10m', '0 * * * *', '0 0 30 2 *', '61 * * * *']),
      template: fc.option(runs, { nil: undefined }),
    }),
    timeZone: maybe(['Europe/Paris', 'Mars/Olympus']),
    freshWithin: maybe(['1m', '0s']),
    retain: fc.record({ versions: fc.constantFrom(0, 1, 2), for: maybe(['1m', '10m']) }),
    paused: fc.constantFrom(false, false, false, true),
    deletionPolicy: fc.constantFrom('Retain', 'Delete'),
  })
  .map(plain);

export const requestSpecs = fc
  .tuple(
    runs,
    fc.record({
      strategy: fc.constantFrom('Rebuild', 'Rebuild', 'Rollback'),
      rollback: maybe([{ toVersion: 1 }, { warmFirst: true }]),
      whenBusy: maybe(['Queue', 'Preempt', 'Fail']),
      dryRun: maybe([true]),
      paused: maybe([true]),
      approved: maybe([['Unclear'], ['BeforeSwitch']]),
      ttlAfterFinished: maybe(['1m']),
    }),
  )
  .map(([run, own]) => plain({ ...run, ...own }))
  // Blocks that do not belong to its strategy are the exception.
  .filter(spec => takes(reindexRequestKind, { target, ...spec }) || Object.keys(spec).length < 4);

const target = { repoRef: { name: 'kibana' } };

/** What may be changed of a request that is there. */
export const requestChanges = fc.constantFrom<object>(
  { paused: true },
  { paused: false },
  { abort: true },
  { approved: ['BeforeSwitch'] },
  { approved: ['BeforeSwitch', 'AfterBake', 'Unclear'] },
);

function plain(spec: object): object {
  return JSON.parse(JSON.stringify(spec)) as object;
}

/** What the API server would let through, transitions left aside. */
function takes(kind: Kind, spec: object): boolean {
  return kind.spec.safeParse(spec).success;
}

/** As `kubectl apply` of the IndexedRepo "kibana": what the schema refuses changes nothing. */
export async function declareRepo(world: World, spec: object): Promise<void> {
  const whole = { clusterRef: { name: 'main' }, alias: 'kibana', source: { url: urlOf('kibana') }, ...spec };
  if (takes(indexedRepoKind, whole)) await world.aRepo('kibana', spec);
}

export async function declareRequest(world: World, name: string, spec: object): Promise<void> {
  if (takes(reindexRequestKind, { target, ...spec })) await world.aRequest(name, 'kibana', spec);
}

/** As `kubectl patch`, of a request that has not ended. */
export async function changeRequest(world: World, number: number, change: object): Promise<void> {
  const requests = await unfinished(world);
  const one = requests[number % Math.max(1, requests.length)];
  if (!one || !takes(reindexRequestKind, { ...one.spec, ...change })) return;
  await world.kube.patch(reindexRequestResource, { namespace, name: one.metadata.name }, undefined, { spec: change });
}

type Raw = Pick<ReindexRequest, 'metadata' | 'spec' | 'status'>;

async function unfinished(world: World): Promise<readonly Raw[]> {
  const requests = (await world.requests()) as unknown as readonly Raw[];
  return requests.filter(({ status }) => status?.finished === undefined);
}

/** Whatever a run waits for people for is answered: it may go on, and goes back where its checks fail. */
export async function answerRuns(world: World): Promise<void> {
  for (const { metadata, spec, status = {} } of await unfinished(world)) {
    const paused = status.conditions?.find(({ type, status: is }) => type === 'Paused' && is === 'True');
    if (!paused) continue;
    const approved = [...(spec.gates ?? []), 'Unclear'];
    const answer = paused.reason === 'CheckFailed' ? { abort: true } : { paused: false, approved };
    await world.kube.patch(reindexRequestResource, { namespace, name: metadata.name }, undefined, { spec: answer });
  }
}
