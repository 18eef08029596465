import { describe, expect, it } from '@jest/globals';
import type { AliasMember } from '../../src/domain/alias-member.ts';
import { publicAlias } from '../../src/domain/document-model.ts';
import type { Engine } from '../../src/engine/port.ts';
import { switchAlias, type SwitchRequest, type SwitchResult } from '../../src/fences/switch.ts';
import { anIndexBody } from '../support/objects/an-index.ts';
import { type EngineCall, type Fault, faultyEngine, losingReplyOf } from '../support/fakes/faulty-engine.ts';
import { type Bench, onEveryEngine } from './engines.ts';

/** Versions 1 to `versions` as indices, with the alias on version 1. */
async function aLiveAlias({ engine, prefix }: Bench, versions: number): Promise<void> {
  const names = Array.from({ length: versions }, (_, n) => `${prefix}-v${n + 1}`);
  await Promise.all(names.map(name => engine.indices.create(name, anIndexBody())));
  await engine.aliases.update([{ add: { index: `${prefix}-v1`, alias: prefix, ...publicAlias } }]);
}

function members({ prefix }: Bench, versions: readonly number[]): readonly AliasMember[] {
  return versions.map(n => ({ index: `${prefix}-v${n}`, properties: publicAlias }));
}

function from(bench: Bench, expected: readonly number[], next: readonly number[]): SwitchRequest {
  return { alias: bench.prefix, expected: members(bench, expected), next: members(bench, next) };
}

function served(bench: Bench, ...versions: readonly number[]): SwitchResult {
  return { is: 'switched', members: members(bench, versions) };
}

const perform = (engine: Engine, request: SwitchRequest): Promise<SwitchResult> => switchAlias(engine.aliases, request);

describe('switch', () => {
  onEveryEngine(bench => {
    it('moves the alias with its filter from the live version to the next', async () => {
      await aLiveAlias(bench(), 2);
      expect(await perform(bench().engine, from(bench(), [1], [2]))).toEqual(served(bench(), 2));
    });

    it('makes the alias when nothing is expected and nothing is there', async () => {
      const { engine, prefix } = bench();
      await engine.indices.create(`${prefix}-v1`, anIndexBody());
      expect(await perform(engine, from(bench(), [], [1]))).toEqual(served(bench(), 1));
    });

    it('switches all members of a version together', async () => {
      await aLiveAlias(bench(), 4);
      const { engine } = bench();
      expect(await perform(engine, from(bench(), [1], [1, 2]))).toEqual(served(bench(), 1, 2));
      expect(await perform(engine, from(bench(), [1, 2], [3, 4]))).toEqual(served(bench(), 3, 4));
    });

    it('lets exactly one of twenty contenders win', async () => {
      await aLiveAlias(bench(), 21);
      const contenders = Array.from({ length: 20 }, (_, n) => perform(bench().engine, from(bench(), [1], [n + 2])));
      const results = await Promise.all(contenders);
      const winners = results.filter(result => result.is === 'switched');
      expect(winners).toHaveLength(1);
      expect(results.filter(result => result.is === 'drifted')).toHaveLength(19);
      expect(await bench().engine.aliases.members(bench().prefix)).toEqual(
        winners[0]?.is === 'switched' && winners[0].members,
      );
    });

    it('says that it is done when it is asked again', async () => {
      await aLiveAlias(bench(), 2);
      await perform(bench().engine, from(bench(), [1], [2]));
      expect(await perform(bench().engine, from(bench(), [1], [2]))).toEqual(served(bench(), 2));
    });

    it.each<[string, (world: Bench) => Promise<unknown>, string]>([
      [
        'added an index',
        ({ engine, prefix }) =>
          engine.aliases.update([{ add: { index: `${prefix}-v3`, alias: prefix, ...publicAlias } }]),
        '-v3',
      ],
      [
        'edited the filter',
        ({ engine, prefix }) =>
          engine.aliases.update([{ add: { index: `${prefix}-v1`, alias: prefix, filter: { term: { doc: 'file' } } } }]),
        'with another filter',
      ],
      [
        'took the filter away',
        ({ engine, prefix }) => engine.aliases.update([{ add: { index: `${prefix}-v1`, alias: prefix } }]),
        'with another filter',
      ],
      [
        'hid the alias',
        ({ engine, prefix }) =>
          engine.aliases.update([{ add: { index: `${prefix}-v1`, alias: prefix, ...publicAlias, is_hidden: true } }]),
        'with another filter',
      ],
      [
        'set a routing',
        ({ engine, prefix }) =>
          engine.aliases.update([
            { add: { index: `${prefix}-v1`, alias: prefix, ...publicAlias, search_routing: 'a' } },
          ]),
        'with another filter',
      ],
      [
        'removed the alias',
        ({ engine, prefix }) =>
          engine.aliases.update([{ remove: { index: `${prefix}-v1`, alias: prefix, must_exist: true } }]),
        'points at nothing',
      ],
      ['deleted the index', ({ engine, prefix }) => engine.indices.delete(`${prefix}-v1`), 'points at nothing'],
    ])('stops and changes nothing when somebody %s', async (_, interfere, said) => {
      const { engine, prefix } = bench();
      await aLiveAlias(bench(), 3);
      await interfere(bench());
      const found = await engine.aliases.members(prefix);
      const result = await perform(engine, from(bench(), [1], [2]));
      expect(result).toMatchObject({ is: 'drifted', found });
      expect(result.is === 'drifted' && result.message).toContain(said);
      expect(await engine.aliases.members(prefix)).toEqual(found);
    });

    it('notices by reading back that somebody added an index between its read and its call', async () => {
      const { engine, prefix } = bench();
      await aLiveAlias(bench(), 3);
      const stranger = { add: { index: `${prefix}-v3`, alias: prefix } };
      const racing = faultyEngine(engine, () => 'none');
      const aliases = {
        members: (alias: string) => racing.aliases.members(alias),
        update: async (actions: Parameters<Engine['aliases']['update']>[0]) => {
          await engine.aliases.update([stranger]);
          return engine.aliases.update(actions);
        },
        kindOf: (name: string) => engine.aliases.kindOf(name),
        seen: async (names: readonly string[]) => engine.aliases.seen(names),
      };
      const result = await switchAlias(aliases, from(bench(), [1], [2]));
      expect(result).toMatchObject({ is: 'drifted', found: [{ index: `${prefix}-v2` }, { index: `${prefix}-v3` }] });
    });

    it('resolves a lost reply by reading', async () => {
      await aLiveAlias(bench(), 2);
      const faulty = faultyEngine(bench().engine, losingReplyOf('aliases.update'));
      expect(await perform(faulty, from(bench(), [1], [2]))).toEqual(served(bench(), 2));
    });

    it('is unconfirmed when the call was lost, and done when asked again', async () => {
      await aLiveAlias(bench(), 2);
      const faulty = faultyEngine(bench().engine, onceLost('aliases.update'));
      expect(await perform(faulty, from(bench(), [1], [2]))).toMatchObject({
        is: 'unconfirmed',
        why: { reason: 'EngineUnavailable' },
      });
      expect(await perform(faulty, from(bench(), [1], [2]))).toEqual(served(bench(), 2));
    });

    it('is unconfirmed when nothing can be read back', async () => {
      await aLiveAlias(bench(), 2);
      let reads = 0;
      const faulty = faultyEngine(bench().engine, call =>
        call.name === 'aliases.members' && (reads += 1) === 2 ? 'lose-request' : 'none',
      );
      expect(await perform(faulty, from(bench(), [1], [2]))).toMatchObject({
        is: 'unconfirmed',
        why: { reason: 'EngineUnavailable' },
      });
      expect(await perform(faulty, from(bench(), [1], [2]))).toEqual(served(bench(), 2));
    });
  });
});

function onceLost(name: string): (call: EngineCall) => Fault {
  let lost = false;
  return call => {
    if (lost || call.name !== name) return 'none';
    lost = true;
    return 'lose-request';
  };
}
