import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { indexVerb } from '../../src/cli/index-verb.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import type { Engine } from '../../src/engine/port.ts';
import { aCommandLine } from '../support/real/a-command-line.ts';
import { aRepository, type TestRepository } from '../support/real/a-repository.ts';
import { dumpVersion } from '../support/checks/dump-version.ts';
import { mortalEngine } from '../support/fakes/mortal-engine.ts';
import { isWhole, oneIn, seed } from '../support/objects/sampled.ts';
import { shortenLeases } from '../support/real/shorten-leases.ts';
import { onEveryEngine } from './engines.ts';

/** One of so many writes of a build is killed, since each costs a lease: all of them where all faults are asked for. */
const oneOf = isWhole ? { fake: 1, real: 3 } : { fake: 9, real: 15 };

type Flags = { readonly clean: boolean; readonly keepOldIndices: boolean };

/** What people can tell of an alias after a build: which versions there are, which serves, with what in it. */
type State = {
  readonly members: readonly string[];
  readonly indices: readonly string[];
  readonly documents: readonly object[];
};

/** Ids are made of the alias, and each build here has one of its own. */
function withoutName(document: JsonObject): object {
  return Object.fromEntries(Object.entries(document).filter(([name]) => !['_id', 'chunk_id', 'repo'].includes(name)));
}

describe('reindeer index that is killed', () => {
  let repository: TestRepository;
  beforeEach(async () => {
    repository = await aRepository();
    await repository.commit({ 'a.txt': 'first\n', 'b.txt': 'b\n' });
  });
  afterEach(() => repository.remove());

  onEveryEngine((bench, on) => {
    const build = async (alias: string, engine: Engine, flags: Flags) => {
      return indexVerb(aCommandLine(engine, bench().prefix), repository.path, {
        alias,
        branch: '',
        folder: '',
        ...flags,
      });
    };
    const state = async (alias: string): Promise<State> => {
      const { engine } = bench();
      const members = (await engine.aliases.members(alias)).map(({ index }) => index);
      const indices = (await engine.indices.describe(`${alias}-v*`)).map(({ name }) => name).sort();
      const { files, chunks } = await dumpVersion(engine, members[0] ?? '');
      return { members, indices, documents: [...files, ...chunks].map(withoutName) };
    };

    async function expectWhole(alias: string, undisturbed: State, kept: number): Promise<void> {
      const { members, indices, documents } = await state(alias);
      const { settings } = aCommandLine(bench().engine, bench().prefix);
      const record = (await settings.aliasRecord(alias))?.source;
      expect(members).toEqual([`${alias}-v${record?.live ?? 0}`]);
      expect({ indices: indices.length, candidate: record?.candidate }).toEqual({ indices: 1 + kept, candidate: null });
      expect(record?.retired.length).toBe(kept);
      expect((await settings.lockRecord(alias))?.source.lease.held).toBe(false);
      expect((await settings.versionRecord(members[0] ?? ''))?.source).toMatchObject({ phase: 'Live', clean: true });
      expect(documents).toEqual(undisturbed.documents);
    }

    it.each([
      ['builds a first version', { isFirst: true, keepOldIndices: false, kept: 0 }],
      ['rebuilds', { isFirst: false, keepOldIndices: false, kept: 0 }],
      ['rebuilds and keeps what was live', { isFirst: false, keepOldIndices: true, kept: 1 }],
    ])(
      'while it %s ends, run again, as if it had not been, and the alias serves a version as a whole meanwhile',
      async (_what, { isFirst, keepOldIndices, kept }) => {
        const flags = { clean: true, keepOldIndices };
        const prepared = async (name: string): Promise<string> => {
          const alias = `${bench().prefix}-${name}`;
          if (!isFirst) await build(alias, bench().engine, { clean: false, keepOldIndices: false });
          return alias;
        };
        const whole = await prepared('whole');
        const counting = mortalEngine(bench().engine, 0);
        expect(await build(whole, counting.engine, flags)).toBe(0);
        const undisturbed = await state(whole);
        expect(counting.written()).toBeGreaterThan(15);
        console.log(`seed ${seed}, ${counting.written()} writes, one of ${oneOf[on]} killed`);
        // Killed before its next write is the same: nothing has an effect in between.
        for (const at of oneIn(oneOf[on], counting.written()).map(before => before + 1)) {
          const alias = await prepared(`${at}`);
          if (!(await isKilled(alias, flags, at))) break;
          await shortenLeases(bench().engine, `${bench().prefix}-settings`, alias);
          if (!isFirst) expect(await bench().engine.aliases.members(alias)).toHaveLength(1);
          const again = (await wasDone(alias, kept)) ? { clean: false, keepOldIndices: false } : flags;
          expect({ at, exitCode: await build(alias, bench().engine, again) }).toEqual({ at, exitCode: 0 });
          await expectWhole(alias, undisturbed, kept);
        }
      },
      10 * 60_000,
    );

    /** False: it had ended before that write. What it says of how far it is counts too, and is a matter of time. */
    async function isKilled(alias: string, flags: Flags, at: number): Promise<boolean> {
      return build(alias, mortalEngine(bench().engine, at).engine, flags).then(
        exitCode => exitCode !== 0,
        (error: unknown) => {
          expect(String(error)).toContain('killed');
          return true;
        },
      );
    }

    /** It had switched and written that down: a user who looks sees that it is done, and what is left of it is collected. */
    async function wasDone(alias: string, kept: number): Promise<boolean> {
      const record = (await aCommandLine(bench().engine, bench().prefix).settings.aliasRecord(alias))?.source;
      return record?.candidate === null && (kept > 0 ? record.retired.length > 0 : record.nextVersion > 2);
    }
  });
});
