import { setTimeout as sleep } from 'node:timers/promises';
import { ownCase } from '../harness/cases.ts';
import type { BenchContext, Case, Metric } from '../harness/metric.ts';
import { onRunStage, type RunStage } from '../harness/run-stage.ts';
import { targets } from '../targets.ts';

/** L2: from the creation of a Rollback to the alias at the version before, without and with warming. */
export const rollbackMetric: Metric = { id: 'L2', title: 'rollback', run: measure };

const warmSeconds = 10;
const lookEveryMs = 10;
const patienceMs = 120_000;

async function measure({ profile, say }: BenchContext): Promise<readonly Case[]> {
  const sizes = profile === 'quick' ? [100, 1000] : [100, 10_000];
  const times = profile === 'quick' ? 5 : 9;
  return onRunStage(async stage => {
    const cases: Case[] = [];
    for (const files of sizes) {
      const alias = `l2-${files}`;
      say(`  ${files} files`);
      await stage.served([alias], files);
      await stage.servedAgain([alias]);
      const cold = await returns(stage, alias, times, {});
      const target = targets.L2.seconds;
      const said = { unit: 's', note: 'by the alias at the engine, past the relay of the stage' };
      cases.push(ownCase({ ...said, case: `rollback of ${files} files`, target }, cold));
      const warming = { rollback: { warmFirst: true }, warm: { atMost: `${warmSeconds}s` } };
      const warm = await returns(stage, alias, times, warming);
      const title = `rollback of ${files} files, warmed for ${warmSeconds} s at most`;
      cases.push(ownCase({ ...said, case: title, target: targets.L2.secondsWarmed }, warm));
    }
    return cases;
  });
}

/** Goes from one of two versions to the other and back, and gives the seconds that each took. */
async function returns(
  stage: RunStage,
  alias: string,
  times: number,
  { rollback = {}, ...spec }: { readonly rollback?: object; readonly warm?: object },
): Promise<readonly number[]> {
  const found: number[] = [];
  for (let time = 0; time < times; time += 1) {
    const [serving] = await stage.engine.aliases.members(alias);
    const toVersion = serving?.index === `${alias}-v2` ? 1 : 2;
    const run = `${alias}-${'warm' in spec ? 'warm' : 'cold'}-${time}`;
    const begunMs = performance.now();
    await stage.ask(alias, run, 'Rollback', { ...spec, rollback: { ...rollback, toVersion } });
    found.push(((await untilServes(stage, alias, `${alias}-v${toVersion}`)) - begunMs) / 1000);
    await stage.until(run, ({ status }) => status.finished !== undefined);
  }
  return found;
}

async function untilServes({ engine }: RunStage, alias: string, index: string): Promise<number> {
  const begunMs = performance.now();
  while (performance.now() - begunMs < patienceMs) {
    const members = await engine.aliases.members(alias);
    if (members.some(member => member.index === index)) return performance.now();
    await sleep(lookEveryMs);
  }
  throw new Error(`${alias} does not serve ${index} after ${patienceMs} ms`);
}
