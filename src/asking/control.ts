import { exitCodes } from '../api/exit-codes.ts';
import { unclearApproval } from '../api/fragments.ts';
import { indexedRepoResource } from '../api/indexed-repo.ts';
import type { KubeObject, Resource } from '../api/object.ts';
import type { Reason } from '../api/reasons.ts';
import { reindexRequestResource } from '../api/reindex-request.ts';
import { findCondition } from '../domain/conditions.ts';
import { ConflictError } from '../domain/errors.ts';
import { DeclinedError } from '../reading/declined.ts';
import type { Desk } from '../reading/desk.ts';
import { find, type Found, unfinishedRun } from '../reading/find-runs.ts';
import type { Repo } from '../reading/repo.ts';
import { endOf, type Run, runOf } from '../reading/run.ts';

/** What became of an object that was asked for something. */
export type Answer = {
  readonly resource: Resource;
  readonly object: KubeObject;
  /** The past tense of what was asked, such as "paused". */
  readonly did: string;
  /** False: it was so already, and nothing was written. */
  readonly isNew: boolean;
  /** What follows from it, or what is left to do. */
  readonly remark?: string;
};

/** Another writer may come first this often before it is told. */
const tries = 5;

/** Stops the run that the argument names, or the only unfinished one of that IndexedRepo; of one without a run, its next. */
export async function pause(desk: Desk, argument: string): Promise<readonly Answer[]> {
  const found = await find(desk, argument);
  const run = await runBehind(desk, found);
  if (run !== undefined) return [await pauseRun(desk, requireAtWork(run), true)];
  return found.is === 'repo' ? [await pauseRepo(desk, found.repo, true)] : [];
}

/** Lets go on what {@link pause} stopped: the run, and the IndexedRepo where that is named and paused itself. */
export async function resume(desk: Desk, argument: string): Promise<readonly Answer[]> {
  const found = await find(desk, argument);
  const run = await runBehind(desk, found);
  const answers: Answer[] = [];
  if (found.is === 'repo' && (found.repo.spec.paused || run === undefined)) {
    answers.push(await pauseRepo(desk, found.repo, false));
  }
  const isPaused = found.is === 'run' || answers.length === 0 || run?.spec.paused === true;
  if (run !== undefined && isPaused) answers.push(await pauseRun(desk, requireAtWork(run), false));
  return answers;
}

/** Ends a run: what it built is undone before the switch, the version before serves again while it bakes. */
export async function abort(desk: Desk, argument: string): Promise<Answer> {
  const run = requireAtWork(await requireRun(desk, argument));
  const about = { resource: reindexRequestResource, did: 'aborted' };
  if (run.spec.abort) return { ...about, object: run.object, isNew: false };
  const object = await patchRun(desk, run, { abort: true });
  return { ...about, object, isNew: true, remark: consequenceOfAbort(run) };
}

function consequenceOfAbort({ status: { switched, bakeUntil, phase, from } }: Run): string {
  if (switched === undefined) return 'what it has built is undone; what the alias serves is left as it is';
  if (bakeUntil === undefined || phase === 'Retiring')
    return 'the alias serves its new version already: `reindeer rollback` goes back';
  return `the alias goes back to ${from?.name ?? 'the version before'}`;
}

/** Lets a run through the gate that it waits at, past checks that are unclear, or through the gate that is named, ahead of time. */
export async function approve(desk: Desk, argument: string, gate?: string): Promise<Answer> {
  for (let tried = 1; ; tried += 1) {
    const run = requireAtWork(await requireRun(desk, argument));
    const chosen = gateOf(run, gate);
    const did = chosen === unclearApproval ? 'approved as unclear' : `approved at ${chosen}`;
    const about = { resource: reindexRequestResource, did };
    if (run.spec.approved.includes(chosen)) return { ...about, object: run.object, isNew: false };
    try {
      // A list is replaced whole: with the version that it was read in, no gate that somebody else approved is lost.
      const approved = [...run.spec.approved, chosen];
      return { ...about, object: await patchRun(desk, run, { approved }, run.resourceVersion), isNew: true };
    } catch (error) {
      if (!(error instanceof ConflictError) || tried >= tries) throw error;
    }
  }
}

function gateOf(run: Run, asked: string | undefined): string {
  const { name, spec, status } = run;
  const { gates } = spec;
  if (asked !== undefined) {
    if (gates.includes(asked) || asked === unclearApproval) return asked;
    const known = gates.length === 0 ? 'it has none' : `it has ${gates.join(', ')}`;
    throw new DeclinedError(exitCodes.badConfiguration, `rreq/${name} has no gate ${asked}: ${known}`);
  }
  if (isPausedFor(run, unclearApproval)) return unclearApproval;
  if (status.gate !== undefined) return status.gate;
  const ahead = gates.filter(gate => !spec.approved.includes(gate));
  const hint = ahead.length === 0 ? 'none is ahead of it' : `--gate ${ahead[0] ?? ''} approves it ahead of time`;
  throw new DeclinedError(exitCodes.lockLost, `rreq/${name} waits at no gate (${status.phase}): ${hint}`);
}

function isPausedFor({ status: { conditions } }: Run, reason: Reason): boolean {
  const paused = findCondition(conditions, 'Paused');
  return paused?.status === 'True' && paused.reason === reason;
}

async function runBehind(desk: Desk, found: Found): Promise<Run | undefined> {
  return found.is === 'run' ? found.run : unfinishedRun(desk, found.repo);
}

async function requireRun(desk: Desk, argument: string): Promise<Run> {
  const found = await find(desk, argument);
  const run = await runBehind(desk, found);
  if (run !== undefined) return run;
  throw new DeclinedError(exitCodes.refGone, `${argument} has no unfinished run`);
}

function requireAtWork(run: Run): Run {
  const end = endOf(run);
  if (end === undefined) return run;
  throw new DeclinedError(exitCodes.lockLost, `rreq/${run.name} is over (${end.reason}): nothing was done`);
}

async function pauseRun(desk: Desk, run: Run, paused: boolean): Promise<Answer> {
  const about = { resource: reindexRequestResource, did: paused ? 'paused' : 'resumed' };
  if (run.spec.paused === paused) return { ...about, object: run.object, isNew: false };
  // A release before runs could be paused refuses an object that has the field at all.
  return { ...about, object: await patchRun(desk, run, { paused: paused ? true : null }), isNew: true };
}

async function pauseRepo(desk: Desk, repo: Repo, paused: boolean): Promise<Answer> {
  const about = { resource: indexedRepoResource, did: paused ? 'paused' : 'resumed' };
  if (repo.spec.paused === paused) return { ...about, object: repo.object, isNew: false };
  const object = await patchSpec(desk, { resource: indexedRepoResource, ...repo }, { paused });
  return { ...about, object, isNew: true, ...(paused && { remark: 'its alias serves on, nothing new starts' }) };
}

async function patchRun(desk: Desk, run: Run, spec: object, resourceVersion?: string): Promise<KubeObject> {
  const object = await patchSpec(desk, { resource: reindexRequestResource, ...run }, spec, resourceVersion);
  return runOf(object).object;
}

type Patched = { readonly resource: Resource; readonly namespace: string; readonly name: string; readonly uid: string };

/** Single fields of the object that was looked at: one that was made anew under its name is left alone. */
async function patchSpec(
  { kube }: Desk,
  { resource, namespace, name, uid }: Patched,
  spec: object,
  resourceVersion?: string,
): Promise<KubeObject> {
  const patched = await kube.patch(resource, { namespace, name }, resourceVersion, { metadata: { uid }, spec });
  if (patched !== 'gone') return patched;
  throw new DeclinedError(exitCodes.refGone, `${resource.kind} ${namespace}/${name} was deleted in this moment`);
}
