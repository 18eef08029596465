import { leftovers } from './bed/leftovers.ts';
import { elapsed } from './bed/progress.ts';
import { providerOf, refreshImage } from './bed/provider.ts';
import { bedHome } from './bed/state.ts';
import { neededLevel } from './plan.ts';
import type { TestPlan } from './plan.ts';
import { NO_COUNTS, aFailure, aPass, addCounts, type Counts, type Result } from './result.ts';
import { GROUPS, SUITES, runSuite, testFiles } from './suite.ts';
import type { SuiteName } from './suite.ts';

type Outcome = Result & { readonly name: string; readonly remark: string };

/**
 * Runs the plan and answers the exit code. A bed that it brings up it also takes down, whatever happens, and what is
 * left of it then is a failure like any other. The last line is `N passed, N failed`.
 */
export async function runPlan(plan: TestPlan): Promise<number> {
  const begun = performance.now();
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interruption.abort());
  const bedless = plan.run.filter(suite => SUITES[suite] === undefined);
  const onBed = plan.run.filter(suite => SUITES[suite] !== undefined);
  const outcomes: Outcome[] = plan.skip.map(skipped);
  outcomes.push(...(await runGroups(bedless, interruption.signal)));
  if (onBed.length > 0 && !interruption.signal.aborted) {
    outcomes.push(...(await runOnBed(onBed, plan.bringUp, interruption.signal)));
  }
  return conclude(outcomes, { begun, isInterrupted: interruption.signal.aborted });
}

async function runOnBed(
  suites: readonly SuiteName[],
  bringUp: TestPlan['bringUp'],
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const begun = performance.now();
  const outcomes: Outcome[] = [];
  try {
    await prepareBed(suites, bringUp);
    outcomes.push(...(await runGroups(suites, signal)));
  } catch (error) {
    console.error(messageOf(error));
    const remark = `could not be made ready, after ${elapsed(begun)}; not run: ${suites.join(', ')}`;
    outcomes.push({ name: 'bed', ...aFailure(messageOf(error)), remark });
  }
  return bringUp === undefined ? outcomes : [...outcomes, await endBed()];
}

async function runGroups(suites: readonly SuiteName[], signal: AbortSignal): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const group of GROUPS) {
    const chosen = group.filter(suite => suites.includes(suite));
    outcomes.push(...(await Promise.all(chosen.map(suite => outcomeOf(suite, signal)))));
  }
  return outcomes;
}

async function prepareBed(suites: readonly SuiteName[], bringUp: TestPlan['bringUp']): Promise<void> {
  if (bringUp !== undefined) await providerOf('local').up({ level: bringUp, engineNodes: 1 });
  else if (neededLevel(suites) === 1) console.log(`using the bed that is up, with the image ${await refreshImage()}`);
}

async function endBed(): Promise<Outcome> {
  const begun = performance.now();
  let left: readonly string[];
  try {
    await providerOf('local').down();
    left = leftovers(bedHome());
  } catch (error) {
    left = [messageOf(error)];
  }
  const result = left.length === 0 ? aPass : aFailure(`left over: ${left.join(', ')}`);
  return { name: 'bed', ...result, remark: `${left.length} left over after down, ${elapsed(begun)}` };
}

async function outcomeOf(suite: SuiteName, signal: AbortSignal): Promise<Outcome> {
  if (signal.aborted) return { name: suite, ...aFailure('interrupted'), remark: 'not run' };
  if (testFiles(suite).length === 0) {
    return { name: suite, ...aFailure(`there are no tests in test/${suite}`), remark: 'not run' };
  }
  console.log(`\n=== ${suite}`);
  const begun = performance.now();
  return { name: suite, ...(await runSuite(suite, signal)), remark: elapsed(begun) };
}

function skipped({ suite, reason }: TestPlan['skip'][number]): Outcome {
  const files = Math.max(1, testFiles(suite).length);
  const counts = { ...NO_COUNTS, skipped: files };
  return { name: suite, counts, failures: [], remark: `test files skipped, because ${reason}` };
}

function conclude(
  outcomes: readonly Outcome[],
  run: { readonly begun: number; readonly isInterrupted: boolean },
): number {
  console.log('');
  // Once more, where a reader of a long log looks first.
  for (const { name, failures } of outcomes) for (const each of failures) console.log(`failed in ${name}: ${each}\n`);
  for (const { name, counts, remark } of outcomes) console.log(`${name.padEnd(10)} ${countsLine(counts)}   ${remark}`);
  const total = outcomes.reduce((sum, outcome) => addCounts(sum, outcome.counts), NO_COUNTS);
  console.log(`all of it took ${elapsed(run.begun)}${run.isInterrupted ? ', and was interrupted' : ''}`);
  console.log(countsLine(total));
  return total.failed > 0 || run.isInterrupted ? 1 : 0;
}

function countsLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
