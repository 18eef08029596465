import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Engine } from '../../src/engine/port.ts';
import { settingsOn } from '../../src/registry/settings.ts';
import { aPartitionedRun } from '../support/worlds/a-partitioned-run.ts';
import { aRepository, type TestRepository } from '../support/real/a-repository.ts';
import { aVersion } from '../support/real/an-indexed-version.ts';
import { fakeEngine } from '../support/fakes/fake-engine.ts';
import { fastClock } from '../support/fakes/fast-clock.ts';

const text = (count: number, word: string): string =>
  Array.from({ length: count }, (_, i) => `${word} ${i}\n`).join('');

/** Leases run out in a second. */
const clock = fastClock(15);

describe('the last step of a run over partitions', () => {
  let repository: TestRepository;
  let commit: string;
  beforeAll(async () => {
    repository = await aRepository();
    const files = Array.from({ length: 12 }, (_, i) => [`file-${i}.txt`, text(40 * i, 'line')] as const);
    commit = await repository.commit(Object.fromEntries(files));
  });
  afterAll(() => repository.remove());

  it('is finished by whoever is left when it is cut short anywhere, and recorded once', async () => {
    let cuts = 0;
    for (let at = 1, wasCut = true; wasCut; at += 1) {
      const engine = fakeEngine();
      const version = await aVersion(engine, 't', 'alias');
      const run = aPartitionedRun(version, { repository: repository.path, commit }, 2);
      await run.pod(0);
      const cut = cutShort(engine, at);
      await run.pod(1, { ports: { clock, ...cut.ports } });
      wasCut = cut.isDead();
      if (wasCut) cuts += 1;
      const again = await run.pod(1, { ports: { clock } });
      expect({ at, exitCode: again.exitCode, errors: again.result.errors }).toEqual({ at, exitCode: 0, errors: [] });
      expect(await version.record()).toMatchObject({ commit, files: 12, clean: true });
    }
    expect(cuts).toBeGreaterThan(8);
  }, 120_000);
});

/** Ports of a pod that dies at its nth call to the engine after its part was recorded as done. */
function cutShort(engine: Engine, at: number) {
  let calls = Number.NEGATIVE_INFINITY;
  let dead = false;
  const step = (): void => {
    calls += 1;
    if (calls >= at) dead = true;
    if (dead) throw new Error('killed');
  };
  const wrap = <T extends object>(port: T): T =>
    new Proxy(port, {
      get: (target, method, receiver) => {
        const original = Reflect.get(target, method, receiver) as (...args: unknown[]) => unknown;
        return async (...args: unknown[]) => {
          step();
          return Reflect.apply(original, target, args);
        };
      },
    });
  const cut: Engine = {
    ...engine,
    indices: wrap(engine.indices),
    aliases: wrap(engine.aliases),
    documents: wrap(engine.documents),
  };
  const settings = settingsOn(cut, 't-settings');
  const ports = {
    engine: cut,
    settings: {
      ...settings,
      changePart: async (...args: Parameters<typeof settings.changePart>) => {
        const part = await settings.changePart(...args);
        if (part.outcome === 'succeeded' && calls < 0) calls = 0;
        return part;
      },
    },
  };
  return { ports, isDead: () => dead };
}
