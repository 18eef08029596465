import { partitionsFor } from '../domain/sizing.ts';
import { sourceOf, type IndexWork } from '../work/assignment.ts';
import { candidateIndex, expectedSize, ground, repoGround } from './facts.ts';
import type { Observed } from './observed.ts';

/** What a worker is given to do that brings the candidate to a commit of its repository. */
export function indexWork(o: Observed, of: Pick<IndexWork, 'mode' | 'commit' | 'base'>): IndexWork {
  const { target, alias } = repoGround(o);
  const { verify } = o.request.spec;
  return {
    ...{ program: 'index', ...of, alias, index: candidateIndex(o)?.name ?? '', source: sourceOf(target.source) },
    // Catching up reads what changed: one worker is enough.
    partitions: of.mode === 'full' ? partitionsOf(o) : 1,
    // The candidate is this run's own: nobody skips it.
    duringReindex: 'Skip',
    ...(verify?.digest && { digest: verify.digest }),
  };
}

/** As many as the request asks for; else by what the live version holds, which is all that is known of the repository. */
function partitionsOf(o: Observed): number {
  return o.request.spec.build?.partitions ?? partitionsFor(expectedSize(ground(o).engine));
}
