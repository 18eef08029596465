import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { situations, type SituationName } from '../../../src/api/situations.ts';
import { realHistory } from '../../bed/real-history.ts';
import { readBedState } from '../../bed/state.ts';
import { commitOf } from '../../support/real/a-cluster.ts';
import { engineOf, lackOfSecurity } from '../../support/real/bed-engine.ts';
import { ClusterView } from '../../support/checks/cluster-view.ts';
import { GitRemote } from '../../support/real/git-remote.ts';
import { installOperator } from '../../support/real/installed.ts';
import { aboutUsers, aroundServices } from './situations/outside.ts';
import { play, type Maker, type Outcome } from './situations/play.ts';
import { aroundPods } from './situations/pods.ts';
import type { Ground } from './situations/stage.ts';

const minutes = 60_000;
const makers: Readonly<Record<SituationName, Maker>> = { ...aroundPods, ...aroundServices };
const lack = lackOfSecurity(readBedState()?.engine);
const all = Object.keys(situations) as SituationName[];
const leftOut = lack === undefined ? [] : aboutUsers;
const names = all.filter(name => !leftOut.includes(name));

/** More than these at once are builds that starve the components which have to tell within a minute. */
const besideEachOther = 5;

/** Each row of docs/situations.md made for real, some beside each other: told in time, and untold once it is mended. */
describe('a situation', () => {
  const outcomes = new Map<SituationName, Outcome>();
  const plays = new Map<SituationName, Promise<void>>();
  let ground: Ground;
  beforeAll(async () => {
    ground = await aGround();
    for (const [i, name] of names.entries()) {
      // The first ones wait for nothing.
      const before = plays.get(names[i - besideEachOther] ?? name);
      const playing = Promise.allSettled([before]).then(() => made(name, ground));
      // Who waits for it is told; until then it is no failure of the process.
      playing.catch(() => undefined);
      plays.set(name, playing);
    }
  }, 3 * minutes);
  afterAll(async () => {
    console.log(table(outcomes));
    await ground.view.close();
    await ground.engine.close();
  }, minutes);

  for (const name of leftOut) it.skip(`${name} (${lack ?? ''})`, () => undefined);

  it.each(names)(
    '%s is told in time, and untold in time once it is mended',
    async name => {
      await plays.get(name);
      expect(outcomes.get(name)?.untoldMs).toBeDefined();
    },
    12 * minutes,
  );

  async function made(name: SituationName, on: Ground): Promise<void> {
    const { stage, acts, close } = await makers[name](on);
    const outcome: Outcome = {};
    outcomes.set(name, outcome);
    await play(name, stage, acts, outcome);
    await stage.remove();
    await close?.();
  }
});

async function aGround(): Promise<Ground> {
  const bed = readBedState();
  if (bed?.node === undefined) throw new Error('no bed of level 1 is up: npm run bed -- up');
  await installOperator(bed);
  const history = await realHistory(async (_title, work) => work());
  const { path } = await GitRemote.at(bed, history, 'situations', commitOf({ history }, 'v0.19.0'));
  return { bed, engine: engineOf(bed), view: new ClusterView(bed), path };
}

function table(outcomes: ReadonlyMap<SituationName, Outcome>): string {
  const seconds = (ms: number | undefined): string => (ms === undefined ? '-' : (ms / 1000).toFixed(1));
  const rows = [...outcomes].map(([name, { toldMs, untoldMs, servesMs, message = '' }]) =>
    [
      name.padEnd(24),
      ...[toldMs, untoldMs, servesMs].map(ms => seconds(ms).padStart(8)),
      ` ${message.slice(0, 160)}`,
    ].join(' '),
  );
  return ['situation                   told s untold s serves s  said', ...rows].join('\n');
}
