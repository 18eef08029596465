import { describe, expect, it } from '@jest/globals';
import { observeAlias, observeBareAlias } from '../../../src/alias/observe.ts';
import { fencesOn } from '../../../src/fences/fences.ts';
import { settingsOn } from '../../../src/registry/settings.ts';
import { anOwner } from '../../support/objects/a-record.ts';
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

  it('of applications finds what it serves by any name, and every other alias that this has', async () => {
    const engine = fakeEngine();
    const settings = settingsOn(engine, 'settings');
    await settings.ensure();
    const owner = anOwner();
    await settings.claim('orders-read', owner);
    for (const name of ['orders-2023', 'orders-2024', 'orders-v1']) await engine.indices.create(name, anIndexBody());
    const properties = { filter: { term: { open: true } }, is_write_index: true };
    await engine.aliases.update([
      { add: { index: 'orders-2024', alias: 'orders', ...properties } },
      { add: { index: 'orders-2024', alias: 'all' } },
      { add: { index: 'orders-2023', alias: 'all' } },
      { add: { index: 'orders-2024', alias: 'orders-read' } },
      { add: { index: 'orders-2024', alias: 'orders-2024.W3' } },
      { add: { index: 'orders-2024', alias: 'orders-2024.C4.0.lifting' } },
    ]);
    const hands = { engine, settings, ...fencesOn(engine, handClock()) };
    const { side } = await observeBareAlias('orders', 'settings', hands);
    expect(side.members).toEqual([{ index: 'orders-2024', properties }]);
    expect(side.indices.map(({ name }) => name)).toEqual(['orders-v1', 'orders-2024']);
    expect(side.beside).toEqual([
      {
        alias: 'all',
        members: [
          { index: 'orders-2023', properties: {} },
          { index: 'orders-2024', properties: {} },
        ],
        owner: undefined,
      },
      { alias: 'orders-read', members: [{ index: 'orders-2024', properties: {} }], owner },
    ]);
    expect((await observeAlias('orders', 'settings', hands)).side.beside).toEqual([]);
  });
});
