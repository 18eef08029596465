import type { ReindexRequest } from '../api/reindex-request.ts';
import { done } from '../plan/step.ts';
import { cutOverJob } from './cutting-over.ts';
import { isSwitched } from './facts.ts';
import type { RunStep } from './step.ts';
import { bakeChecks } from './steps/bake-checks.ts';
import { bake } from './steps/bake.ts';
import { catchUp } from './steps/catch-up.ts';
import { awaitTarget } from './steps/await-target.ts';
import { clearAway } from './steps/clear-away.ts';
import { copyJob } from './steps/copy-job.ts';
import { createCandidate } from './steps/create-candidate.ts';
import { cutOver } from './steps/cut-over.ts';
import { endCutOver } from './steps/end-cut-over.ts';
import { findZone } from './steps/find-zone.ts';
import { gate } from './steps/gate.ts';
import { indexJob } from './steps/index-job.ts';
import { placeInZone } from './steps/place-in-zone.ts';
import { preflight } from './steps/preflight.ts';
import { recordSwitch } from './steps/record-switch.ts';
import { releaseLock } from './steps/release-lock.ts';
import { retire } from './steps/retire.ts';
import { returnPoint } from './steps/return-point.ts';
import { settle } from './steps/settle.ts';
import { spread } from './steps/spread.ts';
import { switchAlias } from './steps/switch-alias.ts';
import { takeLock } from './steps/take-lock.ts';
import { verifyCopy } from './steps/verify-copy.ts';
import { verify } from './steps/verify.ts';
import { warm } from './steps/warm.ts';
import type { Traits } from './traits.ts';

type Name = ReindexRequest['spec']['strategy'];

export type Strategy = {
  readonly name: Name;
  readonly traits: Traits;
  readonly steps: readonly RunStep[];
  /** Those of them that stand between the switch and the end of the way back. */
  readonly baking: readonly RunStep[];
  /** What a dry run looks at: of the steps those that make, claim and lock nothing. */
  readonly plan: readonly RunStep[];
};

/** A new version beside the live one, from the Git tree. */
const rebuild = strategy({
  name: 'Rebuild',
  traits: { preempts: false, startsWhilePaused: false, builds: true, stillFrom: catchUp.name },
  plan: [awaitTarget, preflight],
  before: [
    takeLock,
    clearAway,
    preflight,
    findZone,
    createCandidate,
    placeInZone,
    indexJob,
    catchUp,
    settle,
    spread,
    verify,
    warm,
    gate('BeforeSwitch'),
  ],
  at: switchAlias,
  baking: [bakeChecks, bake, gate('AfterBake')],
  after: [retire, releaseLock],
});

/**
 * The way back: a retired version that is still whole serves again. It goes before a running rebuild, builds nothing, and
 * what it leaves is kept like any other retired version.
 */
const rollback = strategy({
  name: 'Rollback',
  traits: { preempts: true, startsWhilePaused: true, builds: false, stillFrom: undefined },
  plan: [awaitTarget, returnPoint],
  before: [returnPoint, takeLock, settle, verify, warm, gate('BeforeSwitch')],
  at: switchAlias,
  baking: [bakeChecks, bake, gate('AfterBake')],
  after: [retire, releaseLock],
});

/** A new index with the documents of the live one, which applications write to all the while. */
const copy = strategy({
  name: 'Copy',
  traits: { preempts: false, startsWhilePaused: false, builds: true, stillFrom: undefined },
  plan: [awaitTarget],
  before: [
    takeLock,
    createCandidate,
    copyJob,
    ...[settle, verifyCopy, gate('BeforeSwitch')].map(untilCutOver),
    cutOver,
  ],
  // The switch is the worker's.
  at: recordSwitch,
  baking: [],
  after: [endCutOver, retire, releaseLock],
});

export const strategies: Readonly<Record<Name, Strategy>> = { Rebuild: rebuild, Rollback: rollback, Copy: copy };

export function strategyOf({ spec }: Pick<ReindexRequest, 'spec'>): Strategy {
  const strategy = strategies[spec.strategy];
  return spec.dryRun === true ? { ...strategy, steps: strategy.plan, baking: [] } : strategy;
}

/** Before the switch the serving version is not touched and every step can be undone; after it the new one serves. */
function strategy({
  before,
  at,
  after,
  ...told
}: Omit<Strategy, 'steps'> & {
  readonly before: readonly RunStep[];
  readonly at: RunStep;
  readonly after: readonly RunStep[];
}): Strategy {
  return { ...told, steps: [...before.map(untilSwitched), at, ...told.baking, ...after] };
}

/** The alias decides on which side of a switch we are: once it serves the candidate, what led there is done. */
function untilSwitched(step: RunStep): RunStep {
  return { ...step, look: o => (isSwitched(o) ? done : step.look(o)) };
}

/** Once a worker cuts over, nothing may keep the run from looking after it. */
function untilCutOver(step: RunStep): RunStep {
  return { ...step, look: o => (cutOverJob(o) ? done : step.look(o)) };
}
