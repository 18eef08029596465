import { done, fail, wait, type Step, type Verdict } from '../../plan/verdict.ts';
import { versionName } from '../../domain/versions.ts';
import { aliasTrouble } from '../ownership.ts';
import { candidateIndex, candidateRecord, returnNumber } from '../facts.ts';
import type { EngineSide, Observed } from '../observed.ts';

/**
 * A version to return to must be retired, ours, and have been verified once: nothing half-built may serve. Looked at
 * before the lock, so that a rollback that cannot work sends no running rebuild away, and written down before anything is
 * done: once the alias has moved, "the newest retired one" means the version that was just left.
 */
export const returnPoint: Step<Observed> = {
  name: 'preflight',
  phase: 'Preflight',
  look: o => {
    // What is missing here is said by take-lock.
    if (!o.repo || o.repo.metadata.deletionTimestamp !== undefined || !o.engine) return done;
    const trouble = aliasTrouble(o.repo, o.engine);
    if (trouble) return fail(trouble.reason, trouble.message);
    return refusal(o, o.repo.spec.alias, o.engine) ?? writtenDown(o);
  },
};

function refusal(o: Observed, alias: string, { record }: EngineSide): Verdict | undefined {
  const number = returnNumber(o.request, record);
  if (number === undefined)
    return fail('VersionNotFound', `nothing is retired behind ${alias}: there is nothing to return to`);
  const name = versionName(alias, number);
  const retired = record?.retired ?? [];
  const kept = retired.map(each => versionName(alias, each)).join(', ') || 'nothing';
  if (!retired.includes(number)) return fail('VersionNotFound', `${name} is not retired; retired are: ${kept}`);
  if (!candidateIndex(o)) return fail('VersionNotFound', `the index ${name} is gone, or is not ours any more`);
  return candidateRecord(o)?.commit == null ? fail('VersionNotFound', `${name} was never verified`) : undefined;
}

function writtenDown(o: Observed): Verdict {
  const name = candidateIndex(o)?.name ?? '';
  return o.request.status.to?.name === name ? done : wait('Running', `${name} is what it goes back to`, 1000);
}
