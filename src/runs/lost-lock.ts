import { fail } from '../plan/step.ts';
import { holderName } from './begin.ts';
import { brokenUnder, holdsLock } from './facts.ts';
import type { Observed } from './observed.ts';
import type { RunVerdict } from './step.ts';

/** Why a run that has begun may not go on without its lock; undefined = it has it. */
export function lostLock(o: Observed): RunVerdict | undefined {
  if (holdsLock(o)) return undefined;
  const broken = brokenUnder(o, o.holder.uid);
  if (broken !== undefined) return fail('LockBroken', broken);
  return fail('LockLost', `the lock of ${o.target?.alias ?? ''} is no longer this request's: ${holderName(o)}`);
}
