import { apiVersion, managedBy } from '../api/meta.ts';
import type { NewObject } from '../api/object.ts';
import { factsOf } from '../api/reasons.ts';
import { reindexRequestResource, type ReindexRequest } from '../api/reindex-request.ts';
import { backOffMs } from '../domain/back-off.ts';
import { childName } from '../domain/child-name.ts';
import { findCondition } from '../domain/conditions.ts';
import { declarationHash } from '../domain/declaration-hash.ts';
import type { Problem } from '../domain/problem.ts';
import { createOwned } from '../objects/create-owned.ts';
import { kubeEffect } from '../objects/kube-effect.ts';
import { rebuildDue, type Due } from './due.ts';
import type { RepoEffect } from './effect.ts';
import { imageThatCannotGoOn } from './light-standing.ts';
import type { Observed } from './observed.ts';
import { causeKeys, hasSucceeded, ownedRequests, runningRequest } from './owned-requests.ts';

/** What is done about a rebuild that is due. All pure. */

export const causeText = 'reindeer.dev/cause';

/** Between tries of a rebuild: 30 s, 1 min, 2 min, ... */
const backOff = { firstMs: 30_000, longestMs: 600_000 };

export type RebuildPlan =
  | { readonly is: 'none' }
  | { readonly is: 'create'; readonly effect: RepoEffect }
  | { readonly is: 'later'; readonly at: Date }
  | ({ readonly is: 'stalled' } & Problem);

/** What to do about what is due: at most one request at a time, tried again `rebuild.retries` times, then a human. */
export function planRebuild(o: Observed): RebuildPlan {
  if (runningRequest(o) || o.head?.is !== 'found') return { is: 'none' };
  const due = rebuildDue(o);
  const wanted = due.filter(({ is }) => is === 'wanted');
  if (wanted.length === 0) return deadEnd(o, due) ?? { is: 'none' };
  const failed = failedTries(o, wanted);
  const last = failed.at(-1);
  if (!last) return { is: 'create', effect: creation(o, wanted, 0) };
  const { reason, message } = outcomeOf(last);
  if (factsOf(reason).hopeless === true) return { is: 'stalled', reason, message };
  // Not the number of failed requests: only the last few of them are kept.
  const tries = attemptOf(last) + 1;
  if (tries > o.repo.spec.rebuild.retries)
    return {
      is: 'stalled',
      reason: 'RetriesExhausted',
      message: `${tries} tries failed, the last (${last.metadata.name}) with ${reason}: ${message}`,
    };
  const at = new Date(Date.parse(last.status.finished ?? last.metadata.creationTimestamp) + backOffMs(tries, backOff));
  return at > o.now ? { is: 'later', at } : { is: 'create', effect: creation(o, wanted, tries) };
}

/** Light runs cannot go on, and nothing is built by itself: what a rollback left says so itself. */
function deadEnd(o: Observed, due: readonly Due[]): RebuildPlan | undefined {
  if (imageThatCannotGoOn(o) === undefined || due.some(({ is }) => is === 'held')) return undefined;
  return { is: 'stalled', reason: 'FullReindexNeeded', message: due.map(({ message }) => message).join('; ') };
}

/** Failed tries for the same cause since one last ended well. */
function failedTries(o: Observed, due: readonly Due[]): readonly ReindexRequest[] {
  const cause = causeOf(o, due);
  const same = ownedRequests(o).filter(request => request.metadata.annotations?.[causeKeys.cause] === cause);
  const lastGood = same.findLastIndex(hasSucceeded);
  return same.slice(lastGood + 1);
}

/**
 * What a build is made of: a change of any of it is another cause, with all its tries. Not the generation: to pause, or to
 * be fresh within another time, mends no build. Each slot of the schedule is a cause of its own: what failed for one has all
 * its tries again at the next.
 */
function causeOf({ repo, defaults }: Observed, due: readonly Due[]): string {
  const { index, source, worker, heavy, rebuild } = repo.spec;
  const { revision, template } = rebuild;
  const slot = due.find(({ reason }) => reason === 'Scheduled')?.message;
  return childName(
    { parent: 'cause' },
    declarationHash({ index, source, worker, heavy, revision, template, slot, image: defaults.image }),
  );
}

function attemptOf(request: ReindexRequest): number {
  return Number(request.metadata.annotations?.[causeKeys.attempt] ?? '0');
}

function creation(o: Observed, due: readonly Due[], attempt: number): RepoEffect {
  return createRequest({ request: requestManifest(o, due, attempt) });
}

const createRequest = kubeEffect({
  name: 'create-request',
  target: ({ request }: { readonly request: NewObject }) => request.metadata.name,
  run: async ({ request }, kube) => createOwned(kube, reindexRequestResource, request),
});

function requestManifest(o: Observed, due: readonly Due[], attempt: number): NewObject {
  const { name, namespace, uid } = o.repo.metadata;
  const cause = causeOf(o, due);
  const { revision, template } = o.repo.spec.rebuild;
  // Which good run came before is part of the name: the same cause can come up again, say after somebody deleted an index.
  const before = ownedRequests(o).findLast(hasSucceeded)?.metadata.uid ?? '';
  return {
    apiVersion,
    kind: 'ReindexRequest',
    metadata: {
      name: childName({ parent: name }, uid, cause, before, String(attempt)),
      namespace,
      // Our labels only: a parent's labels or annotations would make sync tools prune the child.
      labels: { 'app.kubernetes.io/managed-by': managedBy },
      annotations: {
        [causeKeys.cause]: cause,
        [causeKeys.attempt]: String(attempt),
        [causeText]: due.map(each => each.reason).join(', '),
        ...(revision !== undefined && { [causeKeys.revision]: revision }),
      },
      ownerReferences: [{ apiVersion, kind: 'IndexedRepo', name, uid, controller: true }],
    },
    spec: { target: { repoRef: { name } }, strategy: 'Rebuild', ...template },
  };
}

function outcomeOf(request: ReindexRequest): Problem {
  const condition = findCondition(request.status.conditions, 'Succeeded');
  return { reason: condition?.reason ?? 'Unexpected', message: condition?.message ?? '' };
}
