import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { publicAlias } from '../../src/domain/document-model.ts';
import type { Engine } from '../../src/engine/port.ts';
import { settingsOn } from '../../src/registry/settings.ts';
import { aPairedAlias, placesAlias } from '../support/worlds/a-paired-alias.ts';
import { aRepository, type TestRepository } from '../support/real/a-repository.ts';
import { mortalEngine } from '../support/fakes/mortal-engine.ts';
import { isWhole, oneIn, seed } from '../support/objects/sampled.ts';
import { shortenLeases } from '../support/real/shorten-leases.ts';
import { onEveryEngine } from './engines.ts';

/** One of so many writes is killed: each costs a lease. */
const oneOf = isWhole ? { fake: 1, real: 3 } : { fake: 9, real: 15 };

describe('versions of two indices', () => {
  let repository: TestRepository;
  beforeEach(async () => {
    repository = await aRepository();
    await repository.commit({ 'a.txt': 'a\n', 'b.txt': 'b\n' });
  });
  afterEach(() => repository.remove());

  onEveryEngine((bench, on) => {
    const aliasNamed = (name: string) => {
      const alias = `${bench().prefix}-${name}`;
      const { engine, prefix } = bench();
      const run = aPairedAlias({ alias, prefix, repository: repository.path });
      const settings = settingsOn(engine, `${prefix}-settings`);
      const served = (number: number) => [
        { index: `${alias}-v${number}`, properties: publicAlias },
        { index: `${alias}-v${number}_places`, properties: placesAlias },
      ];
      return {
        alias,
        settings,
        served,
        run: async (strategy: 'Rebuild' | 'Rollback', at: Engine = engine) => run(strategy, at),
        serving: async () => (await engine.aliases.members(alias)).toSorted((a, b) => (a.index < b.index ? -1 : 1)),
        indices: async () => (await engine.indices.describe(`${alias}-v*`)).map(({ name }) => name).toSorted(),
        names: (...numbers: readonly number[]) => numbers.flatMap(number => served(number).map(({ index }) => index)),
      };
    };

    it('are built, switched, returned to and retired as a whole', async () => {
      const { alias, run, serving, served, indices, names, settings } = aliasNamed('life');
      const { engine } = bench();
      expect(await run('Rebuild')).toEqual({ is: 'succeeded' });
      expect(await serving()).toEqual(served(1));
      await repository.commit({ 'c.txt': 'c\n' });
      expect(await run('Rebuild')).toEqual({ is: 'succeeded' });
      expect([await serving(), await indices()]).toEqual([served(2), names(1, 2)]);
      expect(await run('Rollback')).toEqual({ is: 'succeeded' });
      expect([await serving(), await indices()]).toEqual([served(1), names(1, 2)]);
      expect(await run('Rebuild')).toEqual({ is: 'succeeded' });
      expect([await serving(), await indices()]).toEqual([served(3), names(1, 3)]);
      const [, places] = served(3);
      await engine.aliases.update([{ remove: { index: places!.index, alias, must_exist: true } }]);
      expect(await run('Rebuild')).toMatchObject({ is: 'failed', reason: 'Drifted' });
      await engine.aliases.update([{ add: { index: places!.index, alias, ...placesAlias } }]);
      await engine.indices.delete(`${alias}-v1_places`);
      expect(await run('Rollback')).toMatchObject({ is: 'failed', reason: 'VersionNotFound' });
      expect(await serving()).toEqual(served(3));
      expect((await settings.lockRecord(alias))?.source.lease.held).toBe(false);
    }); // prettier-ignore

    it.each(['Rebuild', 'Rollback'] as const)(
      'serve as a whole whenever the program that does a %s is killed, and end, run again, as if it had not been',
      async strategy => {
        const prepared = async (name: string) => {
          const made = aliasNamed(name);
          await made.run('Rebuild');
          if (strategy === 'Rollback') await made.run('Rebuild');
          return made;
        };
        const whole = await prepared('whole');
        const counting = mortalEngine(bench().engine, 0);
        expect(await whole.run(strategy, counting.engine)).toEqual({ is: 'succeeded' });
        console.log(`seed ${seed}, ${counting.written()} writes of a ${strategy}, one of ${oneOf[on]} killed`);
        for (const at of oneIn(oneOf[on], counting.written()).map(before => before + 1)) {
          const { alias, run, serving, served, settings } = await prepared(`${at}`);
          const before = await serving();
          await run(strategy, mortalEngine(bench().engine, at).engine).catch((error: unknown) =>
            expect(String(error)).toContain('killed'),
          );
          await shortenLeases(bench().engine, `${bench().prefix}-settings`, alias);
          const meanwhile = await serving();
          const isSwitched = !alike(meanwhile, before);
          const live = async () => (await settings.aliasRecord(alias))?.source.live ?? 0;
          // One that had only its number is built under the next.
          if (isSwitched) expect(meanwhile).toEqual(served(strategy === 'Rebuild' ? 2 : 1));
          const was = await live();
          if (was === (strategy === 'Rebuild' ? 1 : 2))
            expect({ at, driven: await run(strategy) }).toEqual({ at, driven: { is: 'succeeded' } });
          expect({ at, serving: await serving() }).toEqual({ at, serving: served(await live()) });
          expect({ at, isDone: strategy === 'Rebuild' ? (await live()) > 1 : (await live()) === 1 }).toEqual({
            at,
            isDone: true,
          });
        }
      },
      10 * 60_000,
    );
  });
});

function alike(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
