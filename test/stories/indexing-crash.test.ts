import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exitCodes } from '../../src/api/exit-codes.ts';
import { RetryableError } from '../../src/domain/errors.ts';
import type { Engine } from '../../src/engine/port.ts';
import { settingsOn } from '../../src/registry/settings.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { aRepository, type TestRepository } from '../support/real/a-repository.ts';
import { aVersion, type IndexedVersion } from '../support/real/an-indexed-version.ts';
import { fakeEngine } from '../support/fakes/fake-engine.ts';
import { expireLease, untilKilled, type Kill } from '../support/worlds/killed-run.ts';
import type { DumpedDocument } from '../support/checks/version-dump.ts';

const text = (count: number, word: string): string =>
  Array.from({ length: count }, (_, i) => `${word} ${i}\n`).join('');

describe('a run that is killed', () => {
  let repository: TestRepository;
  let commits: { readonly first: string; readonly second: string; readonly third: string };
  const golden = new Map<string, readonly DumpedDocument[]>();
  beforeAll(async () => {
    repository = await aRepository();
    const first = await repository.commit({ 'a.txt': text(900, 'first'), 'b.txt': text(200, 'b'), 'c.txt': 'c\n' });
    const second = await repository.commit({ 'a.txt': text(700, 'second'), 'b.txt': null, 'd.txt': text(900, 'd') });
    const third = await repository.commit({ 'a.txt': text(900, 'first'), 'd.txt': text(100, 'other') });
    commits = { first, second, third };
    for (const commit of [first, second, third]) {
      const version = await aVersion(fakeEngine(), 't', 'alias');
      await version.run(repository.path, commit);
      golden.set(commit, await version.dump());
    }
  });
  afterAll(() => repository.remove());

  /** Small bodies, one after another: a place to be killed at nearly every document. */
  const slow = { bulkBytes: 4096, bulkConcurrency: 1 } as const;

  async function killedRun(version: IndexedVersion, engine: Engine, commit: string, kill: Kill): Promise<boolean> {
    const doomed = untilKilled(engine, kill);
    const settings = settingsOn(doomed.engine, 't-settings');
    const ports = { engine: doomed.engine, settings };
    await version.run(repository.path, commit, { input: { ...slow, mode: 'incremental' }, ports });
    await expireLease(version);
    return doomed.isDead();
  }

  it.each<[string, 'second' | 'third' | 'first']>([
    ['the same commit', 'second'],
    ['a newer one, whose predecessor was never whole', 'third'],
    ['the one from before', 'first'],
  ])(
    'at any write ends in the same documents once another run indexes %s',
    async (_, next) => {
      for (const when of ['before', 'after'] as const) {
        for (let at = 1, wasKilled = true; wasKilled; at += 1) {
          const engine = fakeEngine();
          const version = await aVersion(engine, 't', 'alias');
          await version.run(repository.path, commits.first);
          wasKilled = await killedRun(version, engine, commits.second, { at, when });
          const end = await version.run(repository.path, commits[next], {
            input: { mode: 'incremental' },
          });
          expect({ at, when, ...end }).toMatchObject({ at, when, exitCode: exitCodes.done });
          expect({ at, when, documents: await version.dump() }).toEqual({
            at,
            when,
            documents: golden.get(commits[next]),
          });
        }
      }
    },
    60_000,
  );

  it('at any write of the first build is finished by the next run', async () => {
    for (let at = 1, wasKilled = true; wasKilled; at += 1) {
      const engine = fakeEngine();
      const version = await aVersion(engine, 't', 'alias');
      wasKilled = await killedRun(version, engine, commits.first, { at, when: 'after' });
      const end = await version.run(repository.path, commits.first);
      expect({ at, ...end }).toMatchObject({ at, exitCode: exitCodes.done });
      expect({ at, documents: await version.dump() }).toEqual({ at, documents: golden.get(commits.first) });
    }
  }, 60_000);

  it('is fenced off: what it still sends after the take-over changes nothing', async () => {
    const engine = fakeEngine();
    const version = await aVersion(engine, 't', 'alias');
    const held: (() => Promise<unknown>)[] = [];
    const paused: Engine = {
      ...engine,
      documents: {
        ...engine.documents,
        bulk: (...args) => {
          held.push(() => engine.documents.bulk(...args));
          return Promise.reject(new RetryableError('EngineUnavailable', 'stopped in the middle'));
        },
      },
    };
    const settings = settingsOn({ ...paused, documents: engine.documents }, 't-settings');
    // Its lease is not renewed either, so it ends without giving it back.
    const stalled = {
      ...settings,
      renew: () => Promise.reject(new Error('stopped')),
      release: () => Promise.reject(new Error('stopped')),
    };
    const hurried = { ...systemClock, sleep: (ms: number, stop?: AbortSignal) => systemClock.sleep(ms / 50, stop) };
    const lost = await version.run(repository.path, commits.second, {
      ports: { engine: paused, settings: stalled, clock: hurried },
    });
    expect(lost.exitCode).toBe(exitCodes.transient);
    await expireLease(version);
    await version.run(repository.path, commits.first);
    expect(held.length).toBeGreaterThan(0);
    for (const send of held) await send();
    expect(await version.dump()).toEqual(golden.get(commits.first));
  }, 60_000);
});
