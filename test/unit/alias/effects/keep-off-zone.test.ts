import { beforeEach, describe, expect, it } from '@jest/globals';
import { keepOffZone, takeBackZone } from '../../../../src/alias/effects/keep-off-zone.ts';
import type { OnEngine } from '../../../../src/alias/effects/engine-effect.ts';
import type { Engine } from '../../../../src/engine/port.ts';
import { fencesOn } from '../../../../src/fences/fences.ts';
import type { Effect } from '../../../../src/plan/effect.ts';
import { settingsOn } from '../../../../src/registry/settings.ts';
import { fakeEngine } from '../../../support/fakes/fake-engine.ts';
import { anIndexBody } from '../../../support/objects/an-index.ts';
import { handClock } from '../../../support/fakes/hand-clock.ts';

const index = 'kibana-v1';
const key = 'index.routing.allocation.exclude.zone';
const keepOff = keepOffZone({ index, by: 'run-uid', attribute: 'zone', zone: 'spare' });
const takeBack = takeBackZone({ index });

describe('an index that is kept off a zone', () => {
  let engine: Engine;
  beforeEach(async () => {
    engine = fakeEngine();
    await engine.indices.create(index, anIndexBody({ meta: { ownerUid: 'ours' } }));
  });
  const run = async (...effects: readonly Effect<OnEngine>[]): Promise<void> => {
    const settings = settingsOn(engine, 'reindeer-settings');
    const hands = { engine, settings, ...fencesOn(engine, handClock()) };
    for (const each of effects) await each.run({ engine: hands });
  };
  const filter = async (): Promise<string | undefined> => (await engine.indices.describe(index))[0]?.settings[key];
  const meta = async (): Promise<unknown> => (await engine.indices.describe(index))[0]?.meta;

  it.each([[undefined], ['old']])('has what it carried before afterwards: %s', async before => {
    if (before !== undefined) await engine.indices.putSettings(index, { [key]: before });
    await run(keepOff, keepOff);
    expect(await filter()).toBe(before === undefined ? 'spare' : 'old,spare');
    expect(await meta()).toMatchObject({ ownerUid: 'ours', keptOff: { by: 'run-uid', before: before ?? null } });
    await run(takeBack, takeBack);
    expect(await filter()).toBe(before);
    expect(await meta()).toEqual({ ownerUid: 'ours' });
  });

  it('keeps the note of the run before about what it carried', async () => {
    await run(keepOffZone({ index, by: 'gone', attribute: 'zone', zone: 'spare' }), keepOff);
    expect(await meta()).toMatchObject({ keptOff: { by: 'run-uid', before: null } });
  });

  it('may be gone, or never have been kept off', async () => {
    await engine.indices.putSettings(index, { [key]: 'spare' });
    await run(takeBack);
    expect(await filter()).toBe('spare');
    await engine.indices.delete(index);
    await run(keepOff, takeBack);
  });
});
