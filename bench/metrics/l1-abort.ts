import { setTimeout as sleep } from 'node:timers/promises';
import { strategies } from '../../src/runs/strategies.ts';
import { forward } from '../../test/support/real/http-fault-proxy.ts';
import { absentCase, ownCase } from '../harness/cases.ts';
import type { BenchContext, Case, Metric } from '../harness/metric.ts';
import { onRunStage, type RunStage, type Strategy } from '../harness/run-stage.ts';
import { targets } from '../targets.ts';

/** L1: from the write that aborts a run to its last write at the engine and the freed lock, at each step. */
export const abortMetric: Metric = { id: 'L1', title: 'abort of a run', run: measure };

const alias = 'bench-aborted';
const files = 100;
/** What is written later than this after the end is no longer of the run. */
const quietMs = 1000;
const lookEveryMs = 10;

type Trial = { readonly strategy: Strategy; readonly step: string };
type Took = { readonly seconds: number; readonly reason: string };

async function measure({ say }: BenchContext): Promise<readonly Case[]> {
  const trials = Object.values(strategies).flatMap(({ name, steps }) =>
    steps.map((step): Trial => ({ strategy: name, step: step.name })),
  );
  return onRunStage(async stage => {
    await stage.served([alias], files);
    await stage.servedAgain([alias]);
    const cases: Case[] = [];
    for (const trial of trials) {
      say(`  ${trial.strategy} ${trial.step}`);
      const said = { case: `abort of a ${trial.strategy} at ${trial.step}`, unit: 's', target: targets.L1.seconds };
      const took = await abortAt(stage, trial);
      if (took === undefined) cases.push(absentCase({ ...said, note: 'the run passes this step without telling it' }));
      else cases.push(ownCase({ ...said, note: took.reason }, [took.seconds]));
    }
    return [...cases, worstOf(cases)];
  });
}

function worstOf(cases: readonly Case[]): Case {
  const [worst] = cases.filter(({ ours }) => ours !== null).toSorted((a, b) => (b.ours ?? 0) - (a.ours ?? 0));
  const said = { unit: 's', target: targets.L1.seconds };
  return ownCase({ ...said, case: `the slowest: ${worst?.case ?? 'none'}` }, [worst?.ours ?? Number.NaN]);
}

/** What makes a run stand at the steps that only some runs have. */
function specFor(step: string): object {
  if (step === 'warm') return { warm: { atMost: '1m' } };
  if (step === 'gate-before-switch') return { gates: ['BeforeSwitch'] };
  if (step === 'gate-after-bake') return { gates: ['AfterBake'] };
  return step.startsWith('bake') ? { bake: { for: '1h' } } : {};
}

/**
 * Aborts the run once its status tells the step. Until the abort is written every request to the engine is held, so that the
 * run goes no further than the look that is under way; undefined = it never told the step.
 */
async function abortAt(stage: RunStage, trial: Trial): Promise<Took | undefined> {
  const { strategy, step } = trial;
  const { engineWire } = stage;
  const run = `${alias}-${strategy.toLowerCase()}-${step}`;
  let lastWriteMs = 0;
  let held: Promise<void> | undefined;
  engineWire.fate = async ({ method, path, body }) => {
    await held;
    if (isWrite(method, path) && (decodeURIComponent(path).includes(alias) || body.includes(alias)))
      lastWriteMs = performance.now();
    return forward;
  };
  try {
    const rollback = strategy === 'Rollback' ? { rollback: { toVersion: await retired(stage) } } : {};
    await stage.ask(alias, run, strategy, { ...specFor(step), ...rollback });
    const told = await stage.until(
      run,
      ({ status }) => status.finished !== undefined || status.steps?.some(({ name }) => name === step) === true,
    );
    if (told.status.finished !== undefined) return undefined;
    let release = (): void => undefined;
    held = new Promise(resolve => (release = resolve));
    const abortedMs = performance.now();
    const freed = lockFreed(stage, run);
    await stage.patch(run, { abort: true }).finally(release);
    const { status } = await stage.until(run, found => found.status.finished !== undefined);
    const freedMs = await freed;
    await sleep(quietMs);
    const reason = status.conditions?.find(({ type }) => type === 'Finished')?.reason ?? '';
    return { seconds: (Math.max(lastWriteMs, freedMs, abortedMs) - abortedMs) / 1000, reason };
  } finally {
    engineWire.fate = () => forward;
  }
}

/** The newest version that is retired. */
async function retired({ settings }: RunStage): Promise<number> {
  const numbers = (await settings.versionRecords(alias)).filter(({ phase }) => phase === 'Retired');
  return Math.max(...numbers.map(({ number }) => number));
}

/** When the lock of the alias was first seen free for good; looked at past the relay. */
async function lockFreed({ settings, ...stage }: RunStage, run: string): Promise<number> {
  let freeMs: number | undefined;
  for (;;) {
    const isHeld = (await settings.lockRecord(alias))?.source.lease.held === true;
    freeMs = isHeld ? undefined : (freeMs ?? performance.now());
    if (freeMs !== undefined && (await stage.read(run)).status.finished !== undefined) return freeMs;
    await sleep(lookEveryMs);
  }
}

function isWrite(method: string, path: string): boolean {
  if (method === 'GET' || method === 'HEAD') return false;
  return !/_(search|count|refresh|mget|pit|has_privileges|simulate_index)(\/|$)/.test(path);
}
