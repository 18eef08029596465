import { apiVersion, keys, managedBy } from '../api/meta.ts';
import type { NewObject } from '../api/object.ts';
import { reasons } from '../api/reasons.ts';
import { reindexRequestResource, type ReindexRequest } from '../api/reindex-request.ts';
import { backOffMs } from '../domain/back-off.ts';
import { childName } from '../domain/child-name.ts';
import { findCondition, hasCondition } from '../domain/conditions.ts';
import { declarationHash } from '../domain/declaration-hash.ts';
import type { Problem } from '../domain/problem.ts';
import { isoSeconds } from '../domain/progress.ts';
import type { VersionRecord } from '../domain/records.ts';
import { shapeDifference } from '../domain/shape-difference.ts';
import { shapeHash } from '../domain/shape.ts';
import { createOwned } from '../objects/create-owned.ts';
import { kubeEffect } from '../objects/kube-effect.ts';
import { isFinished } from '../runs/queue.ts';
import { deleteRequest } from '../runs/request-effects.ts';
import type { RepoEffect } from './effect.ts';
import { heldShape } from './hold.ts';
import { imageLeftBehind, imageThatCannotGoOn } from './light-standing.ts';
import type { Observed } from './observed.ts';

/** Why a whole new version is wanted, and what is done about it. All pure. */

export type Due = {
  readonly reason: 'NoLiveVersion' | 'SpecChanged' | 'WorkerChanged' | 'RevisionChanged';
  readonly message: string;
  /** It is reported and not built by itself: a rollback left this very shape, or it is one of {@link rebuildReported}. */
  readonly held: boolean;
};

/** Annotations of an owned request: what it was made for, and the how many-th try it is. */
export const causeKeys = {
  cause: `${keys.request}-cause`,
  attempt: `${keys.request}-attempt`,
  revision: `${keys.request}-revision`,
} as const;
export const causeText = 'reindeer.dev/cause';

/** Between tries of a rebuild: 30 s, 1 min, 2 min, ... */
const backOff = { firstMs: 30_000, longestMs: 600_000 };
const keptFinished = 5;

/** Every reason for which a rebuild is due now; [] when the declared shape is live. */
export function rebuildDue(o: Observed): readonly Due[] {
  if (!o.engine) return [];
  const { live } = o.engine;
  if (!live)
    return [{ reason: 'NoLiveVersion', message: `nothing stands behind ${o.repo.spec.alias} yet`, held: false }];
  const due: Due[] = [];
  const held = heldShape(o) !== undefined;
  if (live.shapeHash !== shapeHash(o.repo.spec.index))
    due.push({ reason: 'SpecChanged', message: whatChanged(o, live), held });
  const image = imageThatCannotGoOn(o);
  if (image !== undefined)
    due.push({
      reason: 'WorkerChanged',
      message: `image ${image} cannot bring ${live.index} up to date, which ${live.workerImage} built`,
      held,
    });
  const { revision } = o.repo.spec.rebuild;
  if (revision !== undefined && revision !== revisionDone(o))
    due.push({
      reason: 'RevisionChanged',
      message: `spec.rebuild.revision is "${revision}", last built: "${revisionDone(o) ?? ''}"`,
      held,
    });
  return due;
}

/** What is known to differ and not acted upon by itself: said for people, and no reason to be Reconciling or Stalled. */
export function rebuildReported(o: Observed): readonly Due[] {
  const image = imageLeftBehind(o);
  const index = o.engine?.live?.index;
  if (image === undefined || index === undefined || imageThatCannotGoOn(o) !== undefined) return [];
  const way = `to build with ${o.defaults.image}, give spec.rebuild.revision a new value`;
  const message = `${index} was built by image ${image}, which updates it and must stay in its registry; ${way}`;
  return [{ reason: 'WorkerChanged', message, held: true }];
}

/** Versions of releases that did not write down what was declared show a difference, not which. */
function whatChanged({ repo }: Observed, { index, shape }: VersionRecord): string {
  const { replicas: _inPlace, ...declared } = repo.spec.index;
  const which = shape ? `: ${shapeDifference(shape, declared)}` : '';
  return `spec.index is not what ${index} was built with${which}`;
}

/** The revision that a request of ours built last; the status remembers it when that request is gone. */
export function revisionDone(o: Observed): string | undefined {
  const built = ownedRequests(o).filter(hasSucceeded).at(-1)?.metadata.annotations?.[causeKeys.revision];
  return built ?? o.repo.status.rebuild?.revision;
}

export function ownedRequests(o: Observed): readonly ReindexRequest[] {
  return o.requests.filter(request =>
    request.metadata.ownerReferences?.some(owner => owner.uid === o.repo.metadata.uid),
  );
}

export function runningRequest(o: Observed): ReindexRequest | undefined {
  return o.requests.find(request => !isFinished(request));
}

/** A heavy run is at work or about to be; one that waits for its turn keeps nobody from anything. */
export function heavyRunUnderWay(o: Observed): boolean {
  return o.requests.some(request => !isFinished(request) && request.status.queue === undefined);
}

export type RebuildPlan =
  | { readonly is: 'none' }
  | { readonly is: 'create'; readonly effect: RepoEffect }
  | { readonly is: 'later'; readonly at: Date }
  | ({ readonly is: 'stalled' } & Problem);

/** What to do about what is due: at most one request at a time, tried again `rebuild.retries` times, then a human. */
export function planRebuild(o: Observed): RebuildPlan {
  const due = rebuildDue(o).filter(each => !each.held);
  if (due.length === 0 || runningRequest(o) || o.head?.is !== 'found') return { is: 'none' };
  if (due.every(each => each.reason === 'WorkerChanged') && isSameImage(o))
    return { is: 'stalled', reason: 'FullReindexNeeded', message: due.map(each => each.message).join() };
  const failed = failedTries(o);
  const last = failed.at(-1);
  if (!last) return { is: 'create', effect: creation(o, due, 0) };
  const { reason, message } = outcomeOf(last);
  if (reasons[reason].hopeless) return { is: 'stalled', reason, message };
  // Not the number of failed requests: only the last few of them are kept.
  const tries = attemptOf(last) + 1;
  if (tries > o.repo.spec.rebuild.retries)
    return {
      is: 'stalled',
      reason: 'RetriesExhausted',
      message: `${tries} tries failed, the last (${last.metadata.name}) with ${reason}: ${message}`,
    };
  const at = new Date(Date.parse(last.status.finished ?? last.metadata.creationTimestamp) + backOffMs(tries, backOff));
  return at > o.now ? { is: 'later', at } : { is: 'create', effect: creation(o, due, attemptOf(last) + 1) };
}

/** What one image built and now refuses would be built and refused again and again: a human has to want that. */
function isSameImage(o: Observed): boolean {
  return imageThatCannotGoOn(o) === o.engine?.live?.workerImage;
}

/** Failed tries for the same cause since one last ended well. */
function failedTries(o: Observed): readonly ReindexRequest[] {
  const cause = causeOf(o);
  const same = ownedRequests(o).filter(request => request.metadata.annotations?.[causeKeys.cause] === cause);
  const lastGood = same.findLastIndex(hasSucceeded);
  return same.slice(lastGood + 1);
}

/**
 * What a build is made of: a change of any of it is another cause, with all its tries. Not the generation: to pause, or to
 * be fresh within another time, mends no build.
 */
function causeOf({ repo, defaults }: Observed): string {
  const { index, source, worker, heavy, rebuild } = repo.spec;
  const made = { index, source, worker, heavy, revision: rebuild.revision, image: defaults.image };
  return childName({ parent: 'cause' }, declarationHash(made));
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
  const cause = causeOf(o);
  const { revision } = o.repo.spec.rebuild;
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
    spec: { target: { repoRef: { name } }, strategy: 'Rebuild' },
  };
}

function hasSucceeded(request: ReindexRequest): boolean {
  return hasCondition(request.status.conditions, 'Succeeded');
}

function outcomeOf(request: ReindexRequest): Problem {
  const condition = findCondition(request.status.conditions, 'Succeeded');
  return { reason: condition?.reason ?? 'Unexpected', message: condition?.message ?? '' };
}

/** Finished requests of ours beyond the last five. */
export function outlived(o: Observed): readonly RepoEffect[] {
  const finished = ownedRequests(o).filter(isFinished);
  return finished.slice(0, Math.max(0, finished.length - keptFinished)).map(request => {
    const { namespace, name, uid } = request.metadata;
    return deleteRequest({ key: { namespace, name }, uid });
  });
}

/** When a failed rebuild is tried again, for the status. */
export function nextTry(plan: RebuildPlan): string | undefined {
  return plan.is === 'later' ? isoSeconds(plan.at) : undefined;
}
