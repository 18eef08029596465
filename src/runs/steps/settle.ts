import { putSettings } from '../../alias/effects/put-settings.ts';
import type { VersionSet } from '../../alias/version-set.ts';
import { settledSettings, type DynamicSettings } from '../../domain/copied-shape.ts';
import { servingSettings } from '../../domain/shape.ts';
import { versionName } from '../../domain/version.ts';
import { answerTo } from '../../plan/question.ts';
import { act, ask, done, fail, wait } from '../../plan/step.ts';
import { standsAtGate } from '../control.ts';
import { copiedIndex } from '../copying.ts';
import { candidateSet, ground } from '../facts.ts';
import type { Observed } from '../observed.ts';
import { engineQuestion, type RunStep } from '../step.ts';
import { zonesOfCandidate } from '../zones.ts';
import { isCompared } from './verify-copy.ts';
import { isWrittenDown } from './verify.ts';

export const candidateHealth = engineQuestion('health of the candidate', async (o, { engine }) =>
  engine.indices.health((candidateSet(o)?.indices ?? []).map(({ name }) => name)),
);

/**
 * Gives the candidate back what the build took (replicas, refresh) and waits until every copy that can be assigned is
 * active and nothing moves. Copies that cannot be assigned are no reason to wait: one node with one replica is never
 * green.
 */
export const settle: RunStep = {
  name: 'settle',
  phase: 'Verifying',
  look: o => {
    const { alias } = ground(o);
    const set = candidateSet(o);
    if (!set?.isWhole) return fail('Drifted', 'the candidate was deleted by somebody else');
    const isPlaced = isStillPlaced(o);
    const wanted = isPlaced ? withoutReplicas(settingsFor(o)) : settingsFor(o);
    const different = set.indices.filter(({ settings }) =>
      Object.entries(wanted).some(([key, value]) => (settings[key] ?? null) !== value),
    );
    if (different.length > 0)
      return act(
        'restore replicas and refresh',
        ...different.map(({ name }) => putSettings({ index: name, settings: wanted, refresh: true })),
      );
    // The step that moves it out of the build zone raises its replicas, and waits for them.
    if (isPlaced) return done;
    // While it stands at a gate it is not asked about again and again.
    if (standsAtGate(o.request) && isChecked(o, set)) return done;
    const health = answerTo(o, candidateHealth);
    if (!health) return ask(candidateHealth);
    const moving = health.initializingShards + health.relocatingShards;
    if (health.status === 'red' || moving > 0)
      return wait('Running', `${moving} shard copies of ${versionName(alias, set.number)} are on their way`, 2000);
    return done;
  },
};

function isStillPlaced(o: Observed): boolean {
  return zonesOfCandidate(o) !== undefined && o.request.status.spread === undefined;
}

/** Dynamic settings of a version that serves: as declared, and of a copy else as the index that is copied. */
function settingsFor(o: Observed): DynamicSettings {
  const { target } = ground(o);
  if (target.is === 'Repo') return servingSettings(target.shape);
  const live = copiedIndex(o);
  return live ? settledSettings(live, target.shape) : {};
}

function withoutReplicas({ 'index.number_of_replicas': _later, ...rest }: DynamicSettings): DynamicSettings {
  return rest;
}

/** What its check came to stands in the status. */
function isChecked(o: Observed, { record }: VersionSet): boolean {
  if (ground(o).target.is === 'Alias') return isCompared(o.request);
  return record !== undefined && isWrittenDown(o, record);
}
