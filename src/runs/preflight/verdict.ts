import { aliasTrouble } from '../../alias/ownership.ts';
import { TerminalError } from '../../domain/errors.ts';
import type { Problem } from '../../domain/problem.ts';
import { indexBody } from '../../domain/shape.ts';
import { answerTo } from '../../plan/question.ts';
import { act, ask, fail, wait, type Answered } from '../../plan/step.ts';
import { candidateSet } from '../facts.ts';
import { newestCommit } from '../newest-commit.ts';
import type { Observed } from '../observed.ts';
import type { RunVerdict } from '../step.ts';
import type { RepoTarget } from '../target.ts';
import { wantsBuildZone } from '../zones.ts';
import { passed, refused, type Finding } from './check.ts';
import { clusterFacts } from './cluster-facts.ts';
import { judge, refusalIn, told, type Judged, type Preflight } from './judge.ts';
import { bodyTried } from './scratch.ts';

/**
 * The looking ahead of a run. It needs neither the lock nor a record of the alias, so that a run which only looks can ask the
 * same. All pure.
 */

/** What was written down of an earlier look: nothing stood in the way. */
export function isPassed({ request }: Observed): boolean {
  return request.status.preflight?.verdict === 'Pass';
}

/** What can be said, or has to be asked, before the cluster is; undefined = nothing more. */
export function foreseen(o: Observed): RunVerdict | undefined {
  if (!o.target || !o.engine) return wait('EngineUnavailable', 'the search engine was not asked yet', 5_000);
  const { target, engine } = seen(o);
  const trouble = aliasTrouble(target, engine);
  if (trouble) return fail(trouble.reason, trouble.message);
  if (candidateSet(o) || isPassed(o)) return undefined;
  const refusal = shapeRefusal(target);
  if (refusal) return fail(refusal.reason, refusal.message);
  const head = answerTo(o, newestCommit);
  if (!head) return ask(newestCommit);
  if (head.is === 'found') return undefined;
  return head.lasting ? fail(head.reason, head.message) : wait(head.reason, head.message, 15_000);
}

/** Asks the cluster what it has, refuses what does not fit, and has it judge the body of the new version. */
export function judgement(o: Observed): RunVerdict {
  // Until the last status is back what is found could not be written down, and would be asked and tried again.
  if (o.request.status.phase !== 'Preflight') return wait('Running', 'the cluster is looked at', 250);
  const judged = judgedOf(o);
  if (!judged) return ask(clusterFacts);
  const refusal = refusalIn(judged);
  if (refusal) return fail(refusal.reason, refusal.message);
  return act('try the body of the new version', bodyTried(seen(o).target, o.request.metadata.uid));
}

/** What `status.preflight` says after this look. */
export function tellPreflight(o: Observed, verdict: Answered | undefined): Preflight | undefined {
  const before = o.request.status.preflight;
  if (verdict?.is !== 'fail' && verdict?.is !== 'act') return before;
  const judged = declaredRefusal(o) ? undefined : judgedOf(o);
  if (verdict.is === 'fail') {
    const { checks = [], ...figures } = judged ?? {};
    const all = [...declared(o), ...checks];
    // What no check of ours refused the engine did.
    const last = all.every(({ ok }) => ok) ? [refused('body', problemIn(verdict))] : [];
    return { verdict: 'Refuse', ...figures, checks: [...all, ...last].map(told) };
  }
  // The effect is carried out by the time that this is written.
  if (!judged) return before;
  const { checks, ...figures } = judged;
  const body = passed('body', 'the engine takes mappings and settings as they are declared');
  return { verdict: 'Pass', ...figures, checks: [...declared(o), ...checks, body].map(told) };
}

function problemIn({ reason = 'Unexpected', message = '' }: Answered): Problem {
  return { reason, message };
}

function judgedOf(o: Observed): Judged | undefined {
  const facts = answerTo(o, clusterFacts);
  const zoneWanted = wantsBuildZone(o) ? { zones: o.zones } : undefined;
  return facts && judge({ ...seen(o), facts, now: o.now, lastBuild: o.lastBuild, zoneWanted });
}

function declaredRefusal(o: Observed): Problem | undefined {
  const { target, engine } = seen(o);
  return aliasTrouble(target, engine) ?? shapeRefusal(target);
}

/** What is checked without the cluster, as far as it is known. */
function declared(o: Observed): readonly Finding[] {
  const { target, engine } = seen(o);
  const trouble = aliasTrouble(target, engine);
  if (trouble) return [refused('alias', trouble)];
  const refusal = shapeRefusal(target);
  if (refusal) return [refused('shape', refusal)];
  const head = answerTo(o, newestCommit);
  if (!head) return [];
  if (head.is === 'problem') return [refused('source', head)];
  return [passed('source', `${head.refName || 'the commit'} is at ${head.commit}`)];
}

function shapeRefusal({ shape }: RepoTarget): Problem | undefined {
  try {
    indexBody({ shape, shards: 1, meta: {} });
    return undefined;
  } catch (error) {
    if (error instanceof TerminalError) return error;
    throw error;
  }
}

function seen({ target, engine }: Observed) {
  if (target?.is !== 'Repo' || !engine) throw new Error('a preflight was asked for without a repository');
  return { target, engine };
}
