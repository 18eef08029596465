import type { ReindexRequest } from '../api/reindex-request.ts';
import { holdingPlaces, type RunLimit } from '../cluster/limits.ts';
import { hasCondition } from '../domain/conditions.ts';

/** What the queue needs to know of a request. */
export type Waiting = {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** "uuid/alias": two requests with the same one never run at the same time. */
  readonly target: string;
  readonly clusterUuid: string;
  readonly created: string;
  readonly running: boolean;
  /** It is running and no pod of it is: it holds its alias, and no place of the cluster's limit. */
  readonly stands: boolean;
  /** A rollback: it goes before everything but what holds the alias at this moment, and no limit holds it back. */
  readonly preempts: boolean;
  /** It has found what it goes back to: only then does it send a running rebuild away. */
  readonly mayPreempt: boolean;
};

export function isFinished(request: ReindexRequest): boolean {
  return hasCondition(request.status.conditions, 'Finished');
}

/** It ended badly, whether it was cleaned up yet or not. */
export function hasFailed(request: ReindexRequest): boolean {
  return hasCondition(request.status.conditions, 'Succeeded', 'False');
}

/** Where a run is in the queue: 1 = next, behind whom, and what keeps it there if that is a limit. */
export type Place = { readonly position: number; readonly behind: string; readonly limit?: RunLimit };

/** So many places are shown as they are; further back a start in front moves every place, and none of them is rewritten. */
export const nearPlaces = 10;

/** A place as a status shows it: further back the one at which it was queued. */
export function shownPlace(
  { position, behind }: Place,
  before: Pick<Place, 'position' | 'behind'> | undefined,
): Pick<Place, 'position' | 'behind'> {
  const isNear = position <= nearPlaces;
  return isNear || before === undefined || before.position <= nearPlaces ? { position, behind } : before;
}

/**
 * Who comes before `mine`: older requests for the same alias, then the cluster's limit of runs at once. Undefined = it
 * is this one's turn.
 */
export function placeInQueue(mine: Waiting, all: readonly Waiting[], limit: RunLimit): Place | undefined {
  if (mine.running) return undefined;
  const others = all.filter(each => each.uid !== mine.uid);
  const sameAlias = others.filter(each => each.target === mine.target && (each.running || goesBefore(each, mine)));
  if (sameAlias.length > 0) return { position: sameAlias.length, behind: label(last(sameAlias)) };
  if (mine.preempts) return undefined;
  const running = others.filter(each => each.clusterUuid === mine.clusterUuid && each.running);
  const holders = holdingPlaces(running, mine.namespace);
  if (holders.length < limit.runs) return undefined;
  const olderWaiting = others.filter(
    each => each.clusterUuid === mine.clusterUuid && !each.running && isOlder(each, mine),
  );
  return { position: olderWaiting.length + 1, behind: label(last(holders)), limit };
}

/** Who sends this run away: a rollback of the same alias that can work, unless it is one itself. Undefined = nobody. */
export function preempting(mine: Waiting, all: readonly Waiting[]): string | undefined {
  if (mine.preempts) return undefined;
  const other = all.find(each => each.mayPreempt && each.target === mine.target);
  return other && label(other);
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

/** How a run is named to people and as a holder: whoever waits for it may have to ask in another namespace. */
export function runName({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `ReindexRequest/${namespace}/${name}`;
}

function label(request: Waiting | undefined): string {
  return request === undefined ? 'nobody' : runName(request);
}
