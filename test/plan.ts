import type { BedLevel, BedState } from './bed/state.ts';
import { SUITES, endsParts } from './suite.ts';
import type { SuiteName } from './suite.ts';

export type BedWanted = Pick<BedState, 'provider' | 'level'>;

/** What will run, on which bed, and what cannot. */
export type TestPlan = {
  readonly run: readonly SuiteName[];
  readonly skip: readonly { readonly suite: SuiteName; readonly reason: string }[];
  /** The bed to bring up for them; absent when none is needed, or one is up. */
  readonly bringUp?: BedWanted;
  /** The bed they run on; absent when none is needed. */
  readonly provider?: BedState['provider'];
};

/** What stands in the way on this machine. */
export type Machine = {
  /** Of a bed of local processes at a level, and of what such a bed is built from. */
  readonly local: (level: BedLevel) => readonly string[];
  /** Of a bed of kind. */
  readonly kind: readonly string[];
};

/** The level that the suites need between them. */
export function neededLevel(suites: readonly SuiteName[]): BedLevel | undefined {
  const levels = suites.flatMap(suite => SUITES[suite].level ?? []);
  if (levels.length === 0) return undefined;
  return levels.includes(1) ? 1 : 0;
}

/** The test files that a bed of the provider can run, and those that it cannot: those of a node of kind are no processes of this machine. */
export function planFiles(
  files: readonly string[],
  provider: BedState['provider'] | undefined,
): { readonly run: readonly string[]; readonly skip: readonly string[] } {
  const skip = provider === 'kind' ? files.filter(endsParts) : [];
  return { run: files.filter(file => !skip.includes(file)), skip };
}

/** Chooses among the suites what can run on the bed that is up, or else on one that this machine can bring up. */
export function planTests(suites: readonly SuiteName[], running: BedWanted | undefined, machine: Machine): TestPlan {
  const level = neededLevel(suites);
  if (level === undefined) return { run: suites, skip: [] };
  const provider = running?.provider ?? chooseProvider(suites, level, machine);
  const reasons = suites.map(suite => ({
    suite,
    reason: obstacle(suite, { provider, isUp: running !== undefined }, machine),
  }));
  const run = reasons.filter(({ reason }) => reason === undefined).map(({ suite }) => suite);
  const skip = reasons.flatMap(({ suite, reason }) => (reason === undefined ? [] : [{ suite, reason }]));
  const left = neededLevel(run);
  if (left === undefined) return { run, skip };
  if (running !== undefined) return { run, skip, provider };
  return { run, skip, provider, bringUp: { provider, level: provider === 'kind' ? 1 : left } };
}

/** Local processes run every suite; kind is for suites that ask for it, and for machines that can have nothing else. */
function chooseProvider(suites: readonly SuiteName[], level: BedLevel, machine: Machine): BedState['provider'] {
  if (suites.some(suite => SUITES[suite].provider === 'kind')) return 'kind';
  return machine.local(level).length > 0 && machine.kind.length === 0 ? 'kind' : 'local';
}

function obstacle(
  suite: SuiteName,
  bed: { readonly provider: BedState['provider']; readonly isUp: boolean },
  machine: Machine,
): string | undefined {
  const { level, provider, hasOwnParts } = SUITES[suite];
  if (level === undefined) return undefined;
  if (provider !== undefined && provider !== bed.provider)
    return `it wants a bed of ${provider}, not of ${bed.provider}`;
  if (bed.provider === 'local') return bed.isUp ? undefined : machine.local(level)[0];
  if (!bed.isUp && machine.kind.length > 0) return machine.kind[0];
  const [missing] = hasOwnParts === true ? machine.local(0) : [];
  return missing === undefined ? undefined : `it starts parts of its own, which kind does not bring: ${missing}`;
}
