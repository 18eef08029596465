import type { ReindexRequest } from '../../api/reindex-request.ts';
import type { Copied } from '../../domain/index-body.ts';
import { done, fail, wait } from '../../plan/step.ts';
import { copiedNote, sidesOf } from '../copying.ts';
import type { Observed } from '../observed.ts';
import type { Check } from '../query-check.ts';
import type { RunStep } from '../step.ts';

const checkNames = ['documents', 'digest'] as const;

/**
 * Judges what the worker found when it compared both sides. Done once that is written down: what is copied after that is the
 * cut-over's, which counts for itself.
 */
export const verifyCopy: RunStep = {
  name: 'verify-copy',
  phase: 'Verifying',
  look: o => {
    if (isCompared(o.request)) return done;
    const { from, index } = sidesOf(o);
    const { refused = 0, verified } = copiedNote(o) ?? {};
    if (refused > 0) return fail('DeadLetters', `the engine refused ${refused} documents of ${from} for ${index}`);
    if (!verified) return fail('VerificationFailed', `nothing says that ${index} was compared with ${from}`);
    const failed = checks(o, verified).filter(({ result }) => result === 'Fail');
    if (failed.length > 0) return fail('VerificationFailed', failed.map(({ message }) => message).join('; '));
    return wait('Running', 'all checks passed', 1000);
  },
  tell: {
    field: 'verification',
    of: o => {
      const verified = copiedNote(o)?.verified;
      return verified && !isCompared(o.request) ? [...checks(o, verified)] : o.request.status.verification;
    },
  },
};

/** Both sides were compared and found equal, by what the status says. */
export function isCompared({ status }: Pick<ReindexRequest, 'status'>): boolean {
  const passed = status.verification?.filter(({ result }) => result === 'Pass').map(({ name }) => name) ?? [];
  return checkNames.every(name => passed.includes(name));
}

/** Each check with both figures, as status.verification shows it. */
function checks(
  o: Observed,
  { live, candidate, compared, differing }: NonNullable<Copied['verified']>,
): readonly Check[] {
  const { from, index } = sidesOf(o);
  return [
    {
      name: 'documents',
      result: live === candidate ? 'Pass' : 'Fail',
      message: `documents: ${live} stand in ${from} since the last pass, ${candidate} of them in ${index}`,
    },
    {
      name: 'digest',
      result: differing === 0 ? 'Pass' : 'Fail',
      message: `digest: ${compared} documents compared, ${differing} of them differ`,
    },
  ];
}
