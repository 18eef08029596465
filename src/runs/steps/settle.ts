import { servingSettings } from '../../domain/shape.ts';
import { versionName } from '../../domain/version.ts';
import { act, done, fail, wait } from '../../plan/step.ts';
import { candidateSet, ground } from '../facts.ts';
import type { RunStep } from '../step.ts';

/**
 * Gives the candidate back what the build took (replicas, refresh) and waits until every copy that can be assigned is
 * active and nothing moves. Copies that cannot be assigned are no reason to wait: one node with one replica is never
 * green.
 */
export const settle: RunStep = {
  name: 'settle',
  phase: 'Verifying',
  look: o => {
    const { target, engine, alias } = ground(o);
    const set = candidateSet(o);
    if (!set?.isWhole) return fail('Drifted', 'the candidate was deleted by somebody else');
    const wanted = servingSettings(target.shape);
    const different = set.indices.filter(({ settings }) =>
      Object.entries(wanted).some(([key, value]) => (settings[key] ?? null) !== value),
    );
    if (different.length > 0)
      return act(
        'restore replicas and refresh',
        ...different.map(({ name }) => ({ do: 'put-settings', index: name, settings: wanted, refresh: true }) as const),
      );
    const { health } = engine;
    if (!health) return wait('Running', 'the health of the candidate was not asked yet', 1000);
    const moving = health.initializingShards + health.relocatingShards;
    if (health.status === 'red' || moving > 0)
      return wait('Running', `${moving} shard copies of ${versionName(alias, set.number)} are on their way`, 2000);
    return done;
  },
};
