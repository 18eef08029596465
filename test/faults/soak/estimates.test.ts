import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generatedRepository } from '../../../bench/generated/repository.ts';
import { indexedRepoResource } from '../../../src/api/indexed-repo.ts';
import { reindexRequestResource, type ReindexRequest } from '../../../src/api/reindex-request.ts';
import type { DistributionName } from '../../bed/distributions.ts';
import { missingByHand } from '../../bed/tools.ts';
import { etaErrors, etaTable, preflightErrors, preflightTable, secondsOf } from '../../support/checks/estimates.ts';
import type { MeasuredBuild } from '../../support/checks/estimates.ts';
import { eventually } from '../../support/checks/eventually.ts';
import { aControlStage, team, type ControlStage } from '../../support/real/control-stage.ts';
import { watchDisk } from '../../support/real/disk-peak.ts';
import { aFaultStage } from '../../support/real/fault-stage.ts';
import { forward, type HttpFaultProxy } from '../../support/real/http-fault-proxy.ts';

const minutes = 60_000;
const distributions: readonly DistributionName[] = ['elasticsearch', 'opensearch'];
/**
 * Rebuilds of repositories of so many files, as fast as two cores are, and at a pace that makes more than two minutes of them on
 * any machine: 20 kB of bulks for each file.
 */
const pieces = [
  { name: 'small', repositories: [1500, 3000, 6000], rebuilds: 1, bytesPerSecond: undefined },
  { name: 'paced', repositories: [6000], rebuilds: 2, bytesPerSecond: 900_000 },
];
const longSeconds = 120;
const etaWithin = 0.2;
const preflightWithin = 0.25;
const builds: MeasuredBuild[] = [];

/** Whether builds take what they said: on engines and an operator of its own, which need the machine for themselves. */
describe.each(distributions)('estimates on %s', distribution => {
  const [missing] = missingByHand(0, distribution);
  if (missing !== undefined) {
    it.skip(`are measured (${missing})`, () => undefined);
    return;
  }
  describe.each(pieces)('of $name builds', ({ name, repositories, rebuilds, bytesPerSecond }) => {
    let opening: Promise<ControlStage> | undefined;
    let stage: ControlStage;
    beforeAll(async () => {
      opening = aFaultStage(distribution).then(aControlStage);
      stage = await opening;
      if (bytesPerSecond !== undefined) stage.engineWire.fate = paced(bytesPerSecond);
      await stage.start();
    }, 7 * minutes);
    afterAll(async () => (await opening)?.close(), 2 * minutes);

    it.each(repositories)(
      'are of %i files',
      async files => {
        const alias = `${name}-${files}`;
        await declare(stage, alias, files);
        const isFirst = ({ spec }: ReindexRequest): boolean => spec.target.repoRef?.name === alias;
        const first = await eventually('a first build', minutes, async () =>
          (await stage.kube.list<ReindexRequest>(reindexRequestResource, team)).find(isFirst),
        );
        builds.push(await measured(stage, { request: first.metadata.name, index: `${alias}-v1`, files }));
        for (let round = 1; round <= rebuilds; round += 1) {
          const request = `${alias}-again-${round}`;
          await rebuild(stage, alias, request);
          builds.push(await measured(stage, { request, index: `${alias}-v${round + 1}`, files }));
        }
      },
      10 * minutes,
    );
  });
});

describe('estimates on all engines', () => {
  const rebuilt = (): readonly MeasuredBuild[] =>
    builds.filter(({ request }) => request.status.preflight?.needBytes !== undefined);
  const long = (): readonly MeasuredBuild[] => builds.filter(build => secondsOf(build) >= longSeconds);
  afterAll(() => console.log(`${etaTable(long(), etaWithin)}\n\n${preflightTable(rebuilt())}`));

  it('of the end are within a fifth of the run in nine of ten samples of its second half', () => {
    const errors = long().flatMap(etaErrors);
    expect(errors.length).toBeGreaterThan(0);
    const near = errors.filter(error => Math.abs(error) <= etaWithin);
    expect(near.length / errors.length).toBeGreaterThanOrEqual(0.9);
  });

  it.each(['bytes', 'seconds'] as const)('of %s are within a quarter in eight of ten builds', figure => {
    const errors = rebuilt().map(build => preflightErrors(build)[figure] ?? Number.POSITIVE_INFINITY);
    expect(errors.length).toBeGreaterThan(0);
    const near = errors.filter(error => Math.abs(error) <= preflightWithin);
    expect(near.length / errors.length).toBeGreaterThanOrEqual(0.8);
  });
});

/** Hands bulks on no faster than this, as an engine does that is at its limit. */
function paced(bytesPerSecond: number): HttpFaultProxy['fate'] {
  let freeMs = 0;
  return async ({ path, body }) => {
    if (!path.endsWith('/_bulk')) return forward;
    freeMs = Math.max(freeMs, performance.now()) + (body.length / bytesPerSecond) * 1000;
    await sleep(freeMs - performance.now());
    return forward;
  };
}

async function declare({ kube, git }: ControlStage, name: string, files: number): Promise<void> {
  const { path, base } = await generatedRepository(files);
  const repository = await git.repository(`private/${name}`);
  await repository.git('fetch', '--quiet', path, `${base}:refs/heads/main`);
  const source = { url: repository.url, ref: 'main', secretRef: { name: 'git' } };
  await kube.create(indexedRepoResource, {
    apiVersion: 'reindeer.dev/v1alpha1',
    kind: 'IndexedRepo',
    metadata: { name, namespace: team },
    spec: { clusterRef: { name: 'main' }, alias: name, source, light: { schedule: '@every 24h' } },
  });
}

async function rebuild({ kube }: ControlStage, name: string, request: string): Promise<void> {
  await kube.create(reindexRequestResource, {
    apiVersion: 'reindeer.dev/v1alpha1',
    kind: 'ReindexRequest',
    metadata: { name: request, namespace: team },
    spec: { strategy: 'Rebuild', target: { repoRef: { name } } },
  });
}

/** As the API server has it: without a status at first. */
type Told = Omit<ReindexRequest, 'status'> & { readonly status?: ReindexRequest['status'] };

function isOver(request: Told | undefined): request is ReindexRequest {
  return request?.status?.finished !== undefined;
}

type Measuring = { readonly request: string; readonly index: string; readonly files: number };

/** Looks at a run each second until it has ended, and at the disk meanwhile. */
async function measured(stage: ControlStage, { request, index, files }: Measuring): Promise<MeasuredBuild> {
  const { kube, node, engine } = stage;
  const disk = watchDisk(node, engine, index);
  const samples: { readonly atMs: number; readonly eta: string | undefined }[] = [];
  const read = async (): Promise<Told | undefined> =>
    kube.get<Told>(reindexRequestResource, { namespace: team, name: request });
  let found = await read();
  while (!isOver(found)) {
    await sleep(1000);
    found = await read();
    samples.push({ atMs: Date.now(), eta: found?.status?.progress?.eta });
  }
  const { bytes: peakBytes, withLogBytes: peakWithLogBytes } = await disk.stop();
  if (found.status.switched === undefined)
    throw new Error(`${request} did not switch: ${JSON.stringify(found.status)}`);
  return { engine: node.type, files, request: found, peakBytes, peakWithLogBytes, samples };
}
