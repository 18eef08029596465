import type { ReindexRequest, ReindexRequestStatus } from '../api/reindex-request.ts';
import { holdingPlaces, type RunLimit } from '../cluster/limits.ts';
import { hasCondition } from '../domain/conditions.ts';
import { isSameStatus } from '../objects/status-writer.ts';

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
  /** It is running and no pod of it is, or it waits for people or time: it holds its alias, and no place of the cluster's limit. */
  readonly stands: boolean;
  /** The cluster's limit holds it back; not so a rollback. */
  readonly needsPlace: boolean;
  /** It goes before runs of its alias with a lower rank, and those that are at work are aborted for it. */
  readonly rank: number;
  /** It could begin: only then does it send a run away. */
  readonly mayPreempt: boolean;
  /** Something else than the queue keeps it from starting, or it is on its way out: those behind it do not wait for it. */
  readonly aside: boolean;
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

/** Nothing else of a status changed than the place of a request that goes on waiting. */
export function isMove(before: Partial<ReindexRequestStatus>, after: ReindexRequestStatus): boolean {
  return (
    before.queue !== undefined &&
    after.queue !== undefined &&
    isSameStatus({ ...before, queue: undefined }, { ...after, queue: undefined })
  );
}

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
  if (!mine.needsPlace) return undefined;
  const { clusterUuid, namespace } = mine;
  const now = [...others, mine];
  const called = inTurn(now, clusterUuid, limit);
  if (called.includes(mine)) return undefined;
  // Those whose turn it is are as good as at work.
  const holders = [...holdingPlaces(runningOn(clusterUuid, now), namespace), ...called.filter(each => !each.aside)];
  const before = lineOf(clusterUuid, now).filter(each => !each.aside && !called.includes(each) && isOlder(each, mine));
  return { position: before.length + 1, behind: label(last(holders)), limit };
}

/**
 * Whose turn it is on an engine, the oldest first: as many as there are free places. Who stands aside takes none of them, and
 * may go as soon as it can; a place that only runs of some namespaces may take is no place for the others.
 */
export function inTurn(all: readonly Waiting[], clusterUuid: string, limit: RunLimit): readonly Waiting[] {
  const running = runningOn(clusterUuid, all);
  const free = limit.runs - running.filter(each => !each.stands).length;
  if (free <= 0) return [];
  const called: Waiting[] = [];
  let taken = 0;
  for (const each of lineOf(clusterUuid, all).toSorted(byAge)) {
    if (taken >= free) break;
    if (holdingPlaces(running, each.namespace).length + taken >= limit.runs) continue;
    called.push(each);
    if (!each.aside) taken += 1;
  }
  return called;
}

/** Those that wait for a place and for nothing that goes on at their own alias: of each alias one, in no order. */
function lineOf(clusterUuid: string, all: readonly Waiting[]): readonly Waiting[] {
  const busy = new Set(all.filter(each => each.running || !each.needsPlace).map(each => each.target));
  const first = new Map<string, Waiting>();
  for (const each of all) {
    if (each.clusterUuid !== clusterUuid || busy.has(each.target)) continue;
    const before = first.get(each.target);
    if (!before || isOlder(each, before)) first.set(each.target, each);
  }
  return [...first.values()];
}

function runningOn(clusterUuid: string, all: readonly Waiting[]): readonly Waiting[] {
  return all.filter(each => each.clusterUuid === clusterUuid && each.running);
}

/** Which run of the same alias sends this one away: one that has a place once this one is gone. Undefined = none does. */
export function preempting(mine: Waiting, all: readonly Waiting[], limit: RunLimit): string | undefined {
  const atWork = runningOn(mine.clusterUuid, all).filter(each => !each.stands && each.uid !== mine.uid);
  const hasRoom = atWork.length < limit.runs;
  const other = all.find(
    each => each.mayPreempt && each.rank > mine.rank && each.target === mine.target && (hasRoom || !each.needsPlace),
  );
  return other && label(other);
}

function goesBefore(other: Waiting, mine: Waiting): boolean {
  return other.rank === mine.rank ? isOlder(other, mine) : other.rank > mine.rank;
}

function isOlder(a: Waiting, b: Waiting): boolean {
  return a.created === b.created ? a.uid < b.uid : a.created < b.created;
}

function byAge(a: Waiting, b: Waiting): number {
  return isOlder(a, b) ? -1 : 1;
}

function last(list: readonly Waiting[]): Waiting | undefined {
  return list.toSorted(byAge).at(-1);
}

/** How a run is named to people and as a holder: whoever waits for it may have to ask in another namespace. */
export function runName({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `ReindexRequest/${namespace}/${name}`;
}

function label(request: Waiting | undefined): string {
  return request === undefined ? 'nobody' : runName(request);
}
