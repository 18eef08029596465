import type { DistributionName } from './bed/distributions.ts';
import { leftovers } from './bed/leftovers.ts';
import { bringUp, refreshImage, takeDown } from './bed/lifecycle.ts';
import { elapsed } from './bed/progress.ts';
import { bedHome, readBedState } from './bed/state.ts';
import { neededLevel, planFiles } from './plan.ts';
import type { TestPlan } from './plan.ts';
import { NO_COUNTS, aFailure, aPass, addCounts, slowestFiles, type Counts, type Result } from './result.ts';
import { GROUPS, SUITES, runSuite, testFiles } from './suite.ts';
import { removeNamespaces } from './support/real/installed.ts';
import type { SuiteName } from './suite.ts';

/** With the engine of the bed that is brought up. */
type PlanOnBed = TestPlan & { readonly engine: DistributionName };

type Outcome = Result & { readonly name: string; readonly remark: string };

/**
 * Runs the plan and answers the exit code. A bed that it brings up it also takes down, whatever happens, and what is
 * left of it then is a failure like any other. The last line is `N passed, N failed`.
 */
export async function runPlan(plan: TestPlan, engine: DistributionName): Promise<number> {
  const begun = performance.now();
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interruption.abort());
  const bedless = plan.run.filter(suite => SUITES[suite].level === undefined);
  const onBed = plan.run.filter(suite => SUITES[suite].level !== undefined);
  const outcomes: Outcome[] = plan.skip.map(skipped);
  outcomes.push(...(await runGroups(bedless, plan, interruption.signal)));
  if (onBed.length > 0 && !interruption.signal.aborted) {
    outcomes.push(...(await runOnBed(onBed, { ...plan, engine }, interruption.signal)));
  }
  return conclude(outcomes, { begun, isInterrupted: interruption.signal.aborted });
}

async function runOnBed(
  suites: readonly SuiteName[],
  plan: PlanOnBed,
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const begun = performance.now();
  const outcomes: Outcome[] = [];
  try {
    await prepareBed(suites, plan);
    outcomes.push(...(await runGroups(suites, plan, signal)));
  } catch (error) {
    console.error(messageOf(error));
    const remark = `could not be made ready, after ${elapsed(begun)}; not run: ${suites.join(', ')}`;
    outcomes.push({ name: 'bed', ...aFailure(messageOf(error)), remark });
  }
  return plan.bringUp === undefined ? outcomes : [...outcomes, await endBed()];
}

async function runGroups(
  suites: readonly SuiteName[],
  plan: TestPlan,
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const group of GROUPS) {
    const chosen = group.filter(suite => suites.includes(suite));
    const done = await Promise.all(chosen.map(suite => outcomesOf(suite, plan, signal)));
    outcomes.push(...done.flat());
  }
  return outcomes;
}

async function prepareBed(suites: readonly SuiteName[], { bringUp: wanted, engine }: PlanOnBed): Promise<void> {
  if (wanted !== undefined) await bringUp(wanted.provider, { level: wanted.level, engine, engineNodes: 1 });
  else if (neededLevel(suites) === 1) await reuseBed();
}

async function reuseBed(): Promise<void> {
  console.log(`using the bed that is up, with the image ${await refreshImage()}`);
  const bed = readBedState();
  const removed = bed?.node === undefined ? [] : await removeNamespaces(bed);
  if (removed.length > 0) console.log(`taken down, as shown or tested before: namespaces ${removed.join(', ')}`);
}

async function endBed(): Promise<Outcome> {
  const begun = performance.now();
  let left: readonly string[];
  try {
    await takeDown();
    left = leftovers(bedHome());
  } catch (error) {
    left = [messageOf(error)];
  }
  const result = left.length === 0 ? aPass : aFailure(`left over: ${left.join(', ')}`);
  return { name: 'bed', ...result, remark: `${left.length} left over after down, ${elapsed(begun)}` };
}

async function outcomesOf(suite: SuiteName, { provider }: TestPlan, signal: AbortSignal): Promise<readonly Outcome[]> {
  if (signal.aborted) return [{ name: suite, ...aFailure('interrupted'), remark: 'not run' }];
  const { run, skip } = planFiles(testFiles(suite), provider);
  console.log(`\n=== ${suite}`);
  const begun = performance.now();
  const result = await runSuite(suite, run, signal);
  const outcome = { name: suite, ...result, remark: elapsed(begun) };
  const reason = `they end parts of the bed, which only one of local processes allows: ${skip.join(', ')}`;
  return skip.length === 0 ? [outcome] : [outcome, skippedFiles(suite, skip.length, reason)];
}

function skipped({ suite, reason }: TestPlan['skip'][number]): Outcome {
  return skippedFiles(suite, Math.max(1, testFiles(suite).length), reason);
}

function skippedFiles(suite: SuiteName, files: number, reason: string): Outcome {
  const counts = { ...NO_COUNTS, skipped: files };
  return { name: suite, counts, failures: [], remark: `test files skipped, because ${reason}` };
}

function conclude(
  outcomes: readonly Outcome[],
  run: { readonly begun: number; readonly isInterrupted: boolean },
): number {
  const files = outcomes.flatMap(outcome => outcome.files ?? []);
  if (files.length > 0) console.log(['', 'slowest files:', ...slowestFiles(files)].join('\n'));
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
