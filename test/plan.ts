import type { BedLevel } from './bed/state.ts';
import { SUITES } from './suite.ts';
import type { SuiteName } from './suite.ts';

/** What will run, on which bed, and what cannot. */
export type TestPlan = {
  readonly run: readonly SuiteName[];
  readonly skip: readonly { readonly suite: SuiteName; readonly reason: string }[];
  /** Level of the bed to bring up for them; absent when none is needed, or one is up. */
  readonly bringUp?: BedLevel;
};

/** The level that the suites need between them. */
export function neededLevel(suites: readonly SuiteName[]): BedLevel | undefined {
  const levels = suites.flatMap(suite => SUITES[suite] ?? []);
  if (levels.length === 0) return undefined;
  return levels.includes(1) ? 1 : 0;
}

/**
 * Chooses among the suites what this machine can run. `running` is the level of the bed that is up; `missing` says what
 * stands in the way of bringing one up at a level.
 */
export function planTests(
  suites: readonly SuiteName[],
  running: BedLevel | undefined,
  missing: (level: BedLevel) => readonly string[],
): TestPlan {
  if (running !== undefined) return { run: suites, skip: [] };
  const obstacle = (suite: SuiteName): string | undefined => {
    const level = SUITES[suite];
    return level === undefined ? undefined : missing(level)[0];
  };
  const run = suites.filter(suite => obstacle(suite) === undefined);
  const skip = suites.flatMap(suite => {
    const reason = obstacle(suite);
    return reason === undefined ? [] : [{ suite, reason }];
  });
  const bringUp = neededLevel(run);
  return bringUp === undefined ? { run, skip } : { run, skip, bringUp };
}
