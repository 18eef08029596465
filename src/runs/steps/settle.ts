import type { RunStep } from '../step.ts';
import { act, done, fail, wait } from '../../plan/step.ts';
import { servingSettings } from '../../domain/shape.ts';
import { candidateIndex, ground } from '../facts.ts';

/**
 * Gives the candidate back what the build took (replicas, refresh) and waits until every copy that can be assigned is
 * active and nothing moves. Copies that cannot be assigned are no reason to wait: one node with one replica is never
 * green.
 */
export const settle: RunStep = {
  name: 'settle',
  phase: 'Verifying',
  look: o => {
    const { repo, engine } = ground(o);
    const index = candidateIndex(o);
    if (!index) return fail('Drifted', 'the candidate was deleted by somebody else');
    const wanted = servingSettings(repo.spec.index);
    const different = Object.entries(wanted).some(([key, value]) => (index.settings[key] ?? null) !== value);
    if (different)
      return act('restore replicas and refresh', {
        do: 'put-settings',
        index: index.name,
        settings: wanted,
        refresh: true,
      });
    const { health } = engine;
    if (!health) return wait('Running', 'the health of the candidate was not asked yet', 1000);
    const moving = health.initializingShards + health.relocatingShards;
    if (health.status === 'red' || moving > 0)
      return wait('Running', `${moving} shard copies of ${index.name} are on their way`, 2000);
    return done;
  },
};
