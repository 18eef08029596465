import { describe, expect, it } from '@jest/globals';
import { RetryableError } from '../../../src/domain/errors.ts';
import { Line } from '../../../src/runs/line.ts';
import { lookAt } from '../../../src/runs/look.ts';
import type { Sources } from '../../../src/runs/observe.ts';
import { repoTarget } from '../../../src/runs/target.ts';
import { aReindexRequest, anIndexedRepo, aSearchCluster, at } from '../../support/objects/an-object.ts';
import { handClock } from '../../support/fakes/hand-clock.ts';
import { plainWorkers } from '../../support/objects/plain-workers.ts';

describe('a look at a request that waits', () => {
  const queue = { position: 1, behind: 'ReindexRequest/team/before' };
  const mine = aReindexRequest({ status: { queue } });
  const before = aReindexRequest({ metadata: { name: 'before', uid: 'before-uid' }, status: { started: at(0) } });

  /** What is found of the queue each time that it is asked for, the last for good; counts how often the engine is. */
  async function look(...found: readonly (typeof mine)[][]): Promise<{ reason: string; asked: number }> {
    const clock = handClock();
    const left = [...found];
    let asked = 0;
    const sources = {
      clock,
      repos: { get: () => anIndexedRepo() },
      clusters: { get: () => aSearchCluster(), list: () => [aSearchCluster()] },
      requests: { in: () => (left.length > 1 ? left.shift() : left[0]) },
      jobs: { in: () => [] },
      connections: {
        forWork: () => {
          asked += 1;
          throw new RetryableError('EngineUnavailable', 'it was asked and did not answer');
        },
        distrust: () => undefined,
      },
      admitted: new Set(),
      jobless: new Set(),
      line: new Line(clock),
      defaults: { image: 'reindeer:1', allowedGitHosts: [], heavy: {}, workers: plainWorkers },
      targetOf: repoTarget,
    } as unknown as Sources; // as far as it is asked
    const { decision } = await lookAt(mine, sources);
    const verdict = decision.is === 'walking' ? decision.standing.verdict : undefined;
    return { reason: verdict?.is === 'wait' ? verdict.reason : '', asked };
  }

  it('does not ask the engine', async () => {
    expect(await look([before, mine])).toEqual({ reason: 'Queued', asked: 0 });
  });

  it('asks it after all when its turn comes meanwhile', async () => {
    expect(await look([before, mine], [mine])).toEqual({ reason: 'EngineUnavailable', asked: 1 });
  });
});
