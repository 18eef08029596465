import { claimantOf } from '../alias/claimant.ts';
import { deleteVersion } from '../alias/effects/delete-version.ts';
import { forgetAlias, leaveAlias, removeAlias } from '../alias/effects/release.ts';
import { isOwned } from '../alias/ownership.ts';
import { keys } from '../api/meta.ts';
import { reasons } from '../api/reasons.ts';
import type { Problem } from '../domain/problem.ts';
import type { IndexDescription } from '../engine/port.ts';
import { metaOf } from '../runs/facts.ts';
import { isFinished } from '../runs/queue.ts';
import { deleteRequest } from '../runs/request-effects.ts';
import { deleteJob } from '../work/job-effects.ts';
import type { RepoEffect } from './effect.ts';
import type { EngineSide, Observed } from './observed.ts';
import { forgottenRuns } from './outlived-jobs.ts';

/** What is left to do before a deleted IndexedRepo may go. */
export type Leaving =
  | { readonly is: 'act'; readonly effects: readonly RepoEffect[]; readonly againInMs: number }
  | ({ readonly is: 'wait'; readonly againInMs: number } & Problem)
  | { readonly is: 'gone' };

/** How long an engine that cannot be reached is waited for where nothing has to be deleted, or nothing ever can be. */
const patienceMs = 60_000;
/**
 *   stop its runs -> (Delete) take the alias away, delete the versions that are ours -> forget or leave the alias -> go
 *
 * An engine that is gone never holds a deletion for ever: Retain gives up after a minute, and so does Delete when the
 * SearchCluster or its Secret is gone; otherwise Delete waits for the annotation reindeer.dev/abandon-cleanup.
 */
export function planLeaving(o: Observed): Leaving {
  const stopping = stopRuns(o);
  // The watch tells when they are gone, long before this.
  if (stopping.length > 0) return { is: 'act', effects: stopping, againInMs: 2000 };
  const unfinished = o.requests.filter(request => !isFinished(request));
  if (unfinished.length > 0 && !isAbandoned(o))
    return {
      is: 'wait',
      reason: 'Deleting',
      message: `waits for ${unfinished.map(each => each.metadata.name).join(', ')} to end`,
      againInMs: 2000,
    };
  if (!o.engine) return withoutEngine(o);
  if (!isOwned(claimantOf(o.repo), o.engine)) return { is: 'gone' };
  // Also what is left behind is changed hands; whoever knows better says so.
  if (o.engine.doubt) return isAbandoned(o) ? { is: 'gone' } : { is: 'wait', ...o.engine.doubt, againInMs: 2000 };
  const isEmpty = o.engine.record?.live === null && ourIndices(o, o.engine).length === 0;
  // What was never built is nothing to leave behind.
  const effects = o.repo.spec.deletionPolicy === 'Delete' || isEmpty ? removal(o, o.engine) : [release(o)];
  return { is: 'act', effects: [...forgottenRuns(o, o.jobs), ...effects], againInMs: 0 };
}

function isAbandoned(o: Observed): boolean {
  return o.repo.metadata.annotations?.[keys.abandonCleanup] === 'true';
}

function withoutEngine(o: Observed): Leaving {
  if (isAbandoned(o)) return { is: 'gone' };
  const problem = o.hindrance ?? { reason: 'EngineUnavailable' as const, message: 'the engine was not asked yet' };
  const forMs = o.now.getTime() - Date.parse(o.repo.metadata.deletionTimestamp ?? '');
  const mayGo = o.repo.spec.deletionPolicy === 'Retain' || reasons[problem.reason].losesEngine === true;
  if (mayGo) return forMs > patienceMs ? { is: 'gone' } : { is: 'wait', ...problem, againInMs: 5000 };
  const way = `to let it go without deleting its versions: kubectl annotate irepo ${o.repo.metadata.name} ${keys.abandonCleanup}=true`;
  return { is: 'wait', reason: problem.reason, message: `${problem.message}; ${way}`, againInMs: 5000 };
}

function stopRuns(o: Observed): readonly RepoEffect[] {
  const ownerUid = o.repo.metadata.uid;
  const jobs = o.jobs
    .filter(job => !job.deleting && job.state === 'active')
    .map(({ key, uid }) => deleteJob({ key, uid }));
  const owned = o.requests.filter(
    each =>
      !isFinished(each) &&
      each.metadata.deletionTimestamp === undefined &&
      each.metadata.ownerReferences?.some(owner => owner.uid === ownerUid),
  );
  const requests = owned.map(({ metadata: { namespace, name, uid } }) =>
    deleteRequest({ key: { namespace, name }, uid }),
  );
  return [...jobs, ...requests];
}

function release(o: Observed): RepoEffect {
  return leaveAlias({ alias: o.repo.spec.alias, ownerUid: o.repo.metadata.uid });
}

/** Deletes what carries our owner uid and nothing else; an alias that also points elsewhere keeps pointing there. */
function removal(o: Observed, engine: EngineSide): readonly RepoEffect[] {
  const { alias } = o.repo.spec;
  const ownerUid = o.repo.metadata.uid;
  const ours = ourIndices(o, engine);
  const served = ours.filter(index => Object.hasOwn(index.aliases, alias));
  return [
    ...served.map(({ name }) => removeAlias({ alias, index: name })),
    ...[...Map.groupBy(ours, index => metaOf(index).version ?? 0)].map(([number, members]) =>
      deleteVersion({ alias, number, indices: members.map(({ name }) => name), ownerUid }),
    ),
    forgetAlias({ alias, ownerUid }),
  ];
}

function ourIndices({ repo }: Observed, { indices }: EngineSide): readonly IndexDescription[] {
  const { alias } = repo.spec;
  return indices.filter(index => metaOf(index).ownerUid === repo.metadata.uid && metaOf(index).alias === alias);
}
