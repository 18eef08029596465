import { reindexRequestResource } from '../api/reindex-request.ts';
import { RetryableError } from '../domain/errors.ts';
import type { Desk } from './desk.ts';
import { runsOf } from './find-runs.ts';
import type { Repo } from './repo.ts';
import { endOf, type Run, runOf } from './run.ts';

/** What is followed: one run; or all that are not over, of one IndexedRepo or of the namespace, also those that begin meanwhile. */
export type Followed =
  { readonly is: 'run'; readonly run: Run } | { readonly is: 'all'; readonly repo?: Repo | undefined };

export type Look =
  | { readonly is: 'seen'; readonly runs: readonly Run[]; readonly deleted: readonly string[] }
  /** The API server did not answer, for the first time in a row. */
  | { readonly is: 'silent'; readonly error: Error };

/** One object is asked for more often than a whole namespace. */
const everyMs = { run: 2_000, all: 5_000 } as const;
/** An API server that is being replaced is back before that. */
const silentAtMostMs = 300_000;

/**
 * Looks again and again until all that is followed is over or deleted, or the signal of the desk is aborted. An API server
 * that does not answer is waited for, five minutes.
 */
export async function* follow(desk: Desk, followed: Followed): AsyncGenerator<Look, void, undefined> {
  const known = new Map<string, Run>();
  let answeredMs = desk.clock.elapsedMs();
  let isSilent = false;
  while (!desk.signal.aborted) {
    const seen = await lookAt(desk, followed, known).catch(unlessSilent);
    if (seen instanceof RetryableError) {
      if (desk.clock.elapsedMs() - answeredMs >= silentAtMostMs) throw seen;
      if (!isSilent) yield { is: 'silent', error: seen };
      isSilent = true;
    } else {
      [answeredMs, isSilent] = [desk.clock.elapsedMs(), false];
      yield seen;
      if (seen.runs.every(run => endOf(run) !== undefined)) return;
    }
    await desk.clock.sleep(everyMs[followed.is], desk.signal);
  }
}

function unlessSilent(error: unknown): RetryableError {
  const isPassing = error instanceof RetryableError && error.reason === 'KubernetesUnavailable' && !isRefusal(error);
  if (isPassing) return error;
  throw error;
}

/** A server that answers that there is no such namespace or kind is not silent. */
function isRefusal({ cause }: RetryableError): boolean {
  return typeof cause === 'object' && cause !== null && 'status' in cause && Number(cause.status) < 429;
}

/** Adds to `known` what began, and tells of it what is not there any more. */
async function lookAt(desk: Desk, followed: Followed, known: Map<string, Run>): Promise<Look & { is: 'seen' }> {
  const found = await runsNow(desk, followed);
  const isNew = (run: Run): boolean => followed.is === 'run' || endOf(run) === undefined;
  const runs = found.filter(run => known.has(run.uid) || isNew(run));
  const uids = new Set(runs.map(({ uid }) => uid));
  const deleted = [...known.values()].filter(({ uid }) => !uids.has(uid)).map(({ name }) => name);
  if (followed.is === 'run' && runs.length === 0 && deleted.length === 0) deleted.push(followed.run.name);
  known.clear();
  for (const run of runs) known.set(run.uid, run);
  return { is: 'seen', runs, deleted };
}

async function runsNow(desk: Desk, followed: Followed): Promise<readonly Run[]> {
  if (followed.is === 'all') return runsOf(desk, followed.repo);
  const { namespace, name, uid } = followed.run;
  const object = await desk.kube.get(reindexRequestResource, { namespace, name });
  return object?.metadata.uid === uid ? [runOf(object)] : [];
}
