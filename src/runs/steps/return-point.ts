import { versionName } from '../../domain/version.ts';
import { done, fail, wait } from '../../plan/step.ts';
import { candidateRecord, candidateSet, returnNumber } from '../facts.ts';
import type { EngineSide, Observed } from '../observed.ts';
import type { RunStep, RunVerdict } from '../step.ts';
import { targetTrouble, type Target } from '../target.ts';
import { candidateStatus } from '../version-status.ts';

/**
 * A version to return to must be retired, ours, and have been verified once: nothing half-built may serve. Looked at
 * before the lock, so that a rollback that cannot work sends no running rebuild away, and written down before anything is
 * done: once the alias has moved, "the newest retired one" means the version that was just left.
 */
export const returnPoint: RunStep = {
  name: 'preflight',
  phase: 'Preflight',
  look: o => {
    // What is missing here is said by take-lock.
    if (!o.target || o.target.leavingSince !== undefined || !o.engine) return done;
    const trouble = targetTrouble(o.target, o.engine);
    if (trouble) return fail(trouble.reason, trouble.message);
    return refusal(o, o.target, o.engine) ?? writtenDown(o);
  },
  tell: { field: 'to', of: o => candidateStatus(o) ?? o.request.status.to },
};

function refusal(o: Observed, target: Target, side: EngineSide): RunVerdict | undefined {
  const { alias } = target;
  const number = returnNumber(o.request, target, side);
  const retired = side.record?.retired ?? [];
  const kept = retired.map(each => versionName(alias, each)).join(', ') || 'nothing';
  if (number === undefined) return fail('VersionNotFound', nothingBefore(alias, side.record?.live, kept));
  const name = versionName(alias, number);
  if (!retired.includes(number)) return fail('VersionNotFound', `${name} is not retired; retired are: ${kept}`);
  if (!candidateSet(o)) return fail('VersionNotFound', `the index ${name} is gone, or is not ours any more`);
  return candidateRecord(o)?.commit == null ? fail('VersionNotFound', `${name} was never verified`) : undefined;
}

function nothingBefore(alias: string, live: number | null | undefined, kept: string): string {
  if (kept === 'nothing') return `nothing is retired behind ${alias}: there is nothing to return to`;
  const serving = live == null ? alias : versionName(alias, live);
  return `nothing older than ${serving} is retired that is not held back; to go to one of ${kept} all the same, name it with spec.rollback.toVersion`;
}

function writtenDown(o: Observed): RunVerdict {
  const set = candidateSet(o);
  const name = set && o.target ? versionName(o.target.alias, set.number) : '';
  return o.request.status.to?.name === name ? done : wait('Running', `${name} is what it goes back to`, 1000);
}
