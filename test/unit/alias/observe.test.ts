import { describe, expect, it } from '@jest/globals';
import { observeAlias } from '../../../src/alias/observe.ts';
import { fencesOn } from '../../../src/fences/fences.ts';
import { settingsOn } from '../../../src/registry/settings.ts';
import { anIndexBody } from '../../support/objects/an-index.ts';
import { fakeEngine } from '../../support/fakes/fake-engine.ts';
import { handClock } from '../../support/fakes/hand-clock.ts';

describe('a look at an alias', () => {
  it('finds indices named like its versions, and none of an alias whose name goes on like that', async () => {
    const engine = fakeEngine();
    const settings = settingsOn(engine, 'settings');
    await settings.ensure();
    for (const name of ['kibana-v1', 'kibana-v12', 'kibana-v01', 'kibana-v1x', 'kibana-vega', 'kibana-vega-v1'])
      await engine.indices.create(name, anIndexBody());
    const hands = { engine, settings, ...fencesOn(engine, handClock()) };
    const { side } = await observeAlias('kibana', 'settings', hands);
    expect(side.indices.map(({ name }) => name)).toEqual(['kibana-v1', 'kibana-v12']);
  });
});
