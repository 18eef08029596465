import type { ReindexRequest } from '../api/reindex-request.ts';

/** What the queue needs to know of a request. */
export type Waiting = {
  readonly uid: string;
  readonly name: string;
  /** "uuid/alias": two requests with the same one never run at the same time. */
  readonly target: string;
  readonly clusterUuid: string;
  readonly created: string;
  readonly running: boolean;
  /** A rollback: it goes before everything but what holds the alias at this moment, and no limit holds it back. */
  readonly preempts: boolean;
  /** It has found what it goes back to: only then does it send a running rebuild away. */
  readonly mayPreempt: boolean;
};

export function isFinished(request: ReindexRequest): boolean {
  return request.status.conditions?.some(each => each.type === 'Finished' && each.status === 'True') === true;
}

/** It ended badly, whether it was cleaned up yet or not. */
export function hasFailed(request: ReindexRequest): boolean {
  return request.status.conditions?.some(each => each.type === 'Succeeded' && each.status === 'False') === true;
}

/**
 * Who comes before `mine`: older requests for the same alias, then the cluster's limit of runs at once. Undefined = it
 * is this one's turn. Position 1 is next.
 */
export function placeInQueue(
  mine: Waiting,
  all: readonly Waiting[],
  heavyRuns: number,
): { readonly position: number; readonly behind: string } | undefined {
  if (mine.running) return undefined;
  const others = all.filter(each => each.uid !== mine.uid);
  const sameAlias = others.filter(each => each.target === mine.target && (each.running || goesBefore(each, mine)));
  if (sameAlias.length > 0) return { position: sameAlias.length, behind: label(last(sameAlias)) };
  if (mine.preempts) return undefined;
  const running = others.filter(each => each.clusterUuid === mine.clusterUuid && each.running);
  if (running.length < heavyRuns) return undefined;
  const olderWaiting = others.filter(
    each => each.clusterUuid === mine.clusterUuid && !each.running && isOlder(each, mine),
  );
  return { position: olderWaiting.length + 1, behind: label(last(running)) };
}

/** Who sends this run away: a rollback of the same alias that can work, unless it is one itself. Undefined = nobody. */
export function preempting(mine: Waiting, all: readonly Waiting[]): string | undefined {
  if (mine.preempts) return undefined;
  return all.find(each => each.mayPreempt && each.target === mine.target)?.name;
}

function goesBefore(other: Waiting, mine: Waiting): boolean {
  return other.preempts === mine.preempts ? isOlder(other, mine) : other.preempts;
}

function isOlder(a: Waiting, b: Waiting): boolean {
  return a.created === b.created ? a.uid < b.uid : a.created < b.created;
}

function last(list: readonly Waiting[]): Waiting | undefined {
  return list.toSorted((a, b) => (isOlder(a, b) ? -1 : 1)).at(-1);
}

function label(request: Waiting | undefined): string {
  return `ReindexRequest/${request?.name ?? ''}`;
}
