import { done } from '../plan/step.ts';
import { isSwitched } from './facts.ts';
import type { RunStep } from './step.ts';
import { catchUp } from './steps/catch-up.ts';
import { createCandidate } from './steps/create-candidate.ts';
import { indexJob } from './steps/index-job.ts';
import { preflight } from './steps/preflight.ts';
import { releaseLock } from './steps/release-lock.ts';
import { retire } from './steps/retire.ts';
import { returnPoint } from './steps/return-point.ts';
import { settle } from './steps/settle.ts';
import { switchAlias } from './steps/switch-alias.ts';
import { takeLock } from './steps/take-lock.ts';
import { verify } from './steps/verify.ts';

/**
 *   take-lock -> preflight -> create-candidate -> index-job -> catch-up -> settle -> verify -> switch -> retire -> release-lock
 *   '------------------- the serving version is not touched, every step can be undone -------'   '--- the new one serves ---'
 *
 * A rebuild makes a new version beside the live one, from the Git tree, and moves the alias in one call.
 */
export const rebuild: readonly RunStep[] = [
  untilSwitched(takeLock),
  untilSwitched(preflight),
  untilSwitched(createCandidate),
  untilSwitched(indexJob),
  untilSwitched(catchUp),
  untilSwitched(settle),
  untilSwitched(verify),
  switchAlias,
  retire,
  releaseLock,
];

/**
 *   preflight -> take-lock -> settle -> verify -> switch -> retire -> release-lock
 *
 * The way back: a retired version that is still whole serves again. It goes before a running rebuild, builds nothing, and
 * what it leaves is kept like any other retired version.
 */
export const rollback: readonly RunStep[] = [
  untilSwitched(returnPoint),
  untilSwitched(takeLock),
  untilSwitched(settle),
  untilSwitched(verify),
  switchAlias,
  retire,
  releaseLock,
];

/** The alias decides on which side of a switch we are: once it serves the candidate, what led there is done. */
function untilSwitched(step: RunStep): RunStep {
  return { ...step, look: o => (isSwitched(o) ? done : step.look(o)) };
}
