import { describe, expect, it } from '@jest/globals';
import { anIndexBody } from '../support/objects/an-index.ts';
import { onEveryEngine } from './engines.ts';

const filter = { term: { doc: 'chunk' } };

describe('aliases', () => {
  onEveryEngine(bench => {
    it('reads members back with all their properties, sorted', async () => {
      const { engine, prefix } = bench();
      for (const name of ['v2', 'v1']) await engine.indices.create(`${prefix}-${name}`, anIndexBody());
      const outcome = await engine.aliases.update([
        { add: { index: `${prefix}-v2`, alias: prefix, filter, is_hidden: true } },
        {
          add: {
            index: `${prefix}-v1`,
            alias: prefix,
            filter,
            is_hidden: true,
            search_routing: 'a',
            index_routing: 'b',
          },
        },
      ]);
      expect(outcome).toBe('applied');
      expect(await engine.aliases.members(prefix)).toEqual([
        { index: `${prefix}-v1`, properties: { filter, is_hidden: true, search_routing: 'a', index_routing: 'b' } },
        { index: `${prefix}-v2`, properties: { filter, is_hidden: true } },
      ]);
    });

    it('has no members where there is no alias, also where an index has the name', async () => {
      const { engine, prefix } = bench();
      await engine.indices.create(`${prefix}-v1`, anIndexBody());
      expect(await engine.aliases.members(prefix)).toEqual([]);
      expect(await engine.aliases.members(`${prefix}-v1`)).toEqual([]);
    });

    it('tells an alias from an index from a free name', async () => {
      const { engine, prefix } = bench();
      await engine.indices.create(`${prefix}-v1`, anIndexBody({ aliases: { [prefix]: { is_hidden: true } } }));
      expect(await engine.aliases.kindOf(prefix)).toBe('alias');
      expect(await engine.aliases.kindOf(`${prefix}-v1`)).toBe('index');
      expect(await engine.aliases.kindOf(`${prefix}-none`)).toBe('none');
    });

    it.each([0, 400])('sees many names at once, among %i others', async others => {
      const { engine, prefix } = bench();
      for (const name of ['v1', 'v2']) await engine.indices.create(`${prefix}-${name}`, anIndexBody());
      await engine.aliases.update([
        { add: { index: `${prefix}-v2`, alias: `${prefix}-both`, filter, is_hidden: true } },
        { add: { index: `${prefix}-v1`, alias: `${prefix}-both`, filter, is_hidden: true } },
        { add: { index: `${prefix}-v1`, alias: `${prefix}-one` } },
      ]);
      const known = [`${prefix}-both`, `${prefix}-v1`, `${prefix}-none`, `${prefix}-one`];
      const strangers = Array.from({ length: others }, (_, n) => `${prefix}-stranger-${n}`);
      const found = await engine.aliases.seen([...known, ...strangers]);
      expect(found.slice(0, known.length)).toEqual([
        {
          is: 'alias',
          members: [
            { index: `${prefix}-v1`, properties: { filter, is_hidden: true } },
            { index: `${prefix}-v2`, properties: { filter, is_hidden: true } },
          ],
        },
        { is: 'index', members: [] },
        { is: 'none', members: [] },
        { is: 'alias', members: [{ index: `${prefix}-v1`, properties: {} }] },
      ]);
      expect(found.slice(known.length)).toEqual(strangers.map(() => ({ is: 'none', members: [] })));
      expect(await engine.aliases.seen([])).toEqual([]);
      expect(await engine.aliases.seen([`${prefix}-none`])).toEqual([{ is: 'none', members: [] }]);
    });

    it('refuses the whole call when one expected member is missing', async () => {
      const { engine, prefix } = bench();
      for (const name of ['v1', 'v2']) await engine.indices.create(`${prefix}-${name}`, anIndexBody());
      await engine.aliases.update([{ add: { index: `${prefix}-v1`, alias: prefix } }]);
      const outcome = await engine.aliases.update([
        { remove: { index: `${prefix}-v1`, alias: prefix, must_exist: true } },
        { remove: { index: `${prefix}-v2`, alias: prefix, must_exist: true } },
        { add: { index: `${prefix}-v2`, alias: `${prefix}-other` } },
      ]);
      expect(outcome).toBe('refused');
      expect(await engine.aliases.members(prefix)).toEqual([{ index: `${prefix}-v1`, properties: {} }]);
      expect(await engine.aliases.kindOf(`${prefix}-other`)).toBe('none');
    });

    it('refuses when an index is gone', async () => {
      const { engine, prefix } = bench();
      const gone = { index: `${prefix}-gone`, alias: prefix };
      expect(await engine.aliases.update([{ remove: { ...gone, must_exist: true } }])).toBe('refused');
      expect(await engine.aliases.update([{ add: gone }])).toBe('refused');
    });

    it('takes an alias named like what every object has for an alias', async () => {
      const { engine, prefix } = bench();
      const index = `${prefix}-v1`;
      await engine.indices.create(index, anIndexBody({}));
      expect(await engine.aliases.members('constructor')).toEqual([]);
      await engine.aliases.update([{ add: { index, alias: 'constructor' } }]);
      expect(await engine.aliases.members('constructor')).toEqual([{ index, properties: {} }]);
      expect(await engine.aliases.seen(['constructor'])).toEqual([
        { is: 'alias', members: [{ index, properties: {} }] },
      ]);
    });
  });
});
