import { done, fail, type Step } from '../../plan/verdict.ts';
import { versionName } from '../../domain/versions.ts';
import { aliasTrouble } from '../ownership.ts';
import { candidateIndex, candidateRecord, ground, returnNumber } from '../facts.ts';
import type { Observed } from '../observed.ts';

/** A version to return to must be retired, ours, and have been verified once: nothing half-built may serve. */
export const returnPoint: Step<Observed> = {
  name: 'preflight',
  phase: 'Preflight',
  look: o => {
    const { repo, engine, record, alias } = ground(o);
    const trouble = aliasTrouble(repo, engine);
    if (trouble) return fail(trouble.reason, trouble.message);
    const number = returnNumber(o.request, record);
    if (number === undefined)
      return fail('VersionNotFound', `nothing is retired behind ${alias}: there is nothing to return to`);
    const kept = record.retired.map(each => versionName(alias, each)).join(', ') || 'nothing';
    if (!record.retired.includes(number))
      return fail('VersionNotFound', `${versionName(alias, number)} is not retired; retired are: ${kept}`);
    if (!candidateIndex(o))
      return fail('VersionNotFound', `the index ${versionName(alias, number)} is gone, or is not ours any more`);
    return candidateRecord(o)?.commit == null
      ? fail('VersionNotFound', `${versionName(alias, number)} was never verified`)
      : done;
  },
};
