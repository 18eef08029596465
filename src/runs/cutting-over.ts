import { giveUpCutOver } from '../alias/effects/give-up-cut-over.ts';
import { durationMs } from '../api/duration.ts';
import { blockNamesIn, isLaterTurn, turnOf, writeAliasesIn, type Aliased, type Turn } from '../domain/fence-names.ts';
import { versionName } from '../domain/version.ts';
import type { IndexDescription } from '../engine/port.ts';
import { copiedIndex, isCopied, isOfCutOver } from './copying.ts';
import { candidateIndex, candidateSet, isSwitched } from './facts.ts';
import type { Observed, ObservedJob } from './observed.ts';
import type { RunEffect } from './step.ts';

/** Questions that are asked of a cut-over, and how one is given up. All pure. */

/** As long as a request says nothing about it. */
const blockAtMost = '30s';

/** How long writers may be refused in one attempt. */
export function blockMs({ request }: Pick<Observed, 'request'>): number {
  return durationMs(request.spec.copy?.blockWritesAtMost ?? blockAtMost);
}

/** The last Job of the cut-over. */
export function cutOverJob({ jobs }: Pick<Observed, 'jobs'>): ObservedJob | undefined {
  return jobs.findLast(isOfCutOver);
}

/** The latest attempt that the names on the live index tell of; undefined = none stands. */
export function latestTurn(live: Aliased): Turn | undefined {
  const turns = blockNamesIn(live).map(alias => turnOf({ index: live.name, alias }));
  return turns.reduce<Turn | undefined>((last, turn) => (last && isLaterTurn(last, turn) ? last : turn), undefined);
}

/** A cut-over of ours has blocked the index that serves, or may do so any moment. */
export function isGuarded(o: Observed): boolean {
  const live = liveSide(o);
  return live !== undefined && blockNamesIn(live).length > 0;
}

/** The index takes no writes because somebody said so: by a cut-over or by hand. */
export function isBlocked({ settings }: Pick<IndexDescription, 'settings'>): boolean {
  return settings['index.blocks.write'] === 'true';
}

/** The index that serves, as long as it is not the candidate of this run. */
export function liveSide(o: Observed): IndexDescription | undefined {
  if (o.target?.is !== 'Alias' || !o.engine?.record || isSwitched(o)) return undefined;
  return o.engine.record.live === candidateSet(o)?.number ? undefined : copiedIndex(o);
}

/** A worker may have begun to cut over, or may yet: its Job was made, or its names stand. */
function mayHaveBegun(o: Observed): boolean {
  return isGuarded(o) || cutOverJob(o) !== undefined;
}

/** No worker can cut over any more: the operator has its lease, and of its names none but that of who gave it up stands. */
function isGivenUp(o: Observed): boolean {
  const index = candidateIndex(o);
  const { writer } = candidateSet(o)?.record ?? {};
  const isOurs = writer?.held === true && writer.holder?.uid === o.holder.uid && writer.holder.pod === o.holder.pod;
  const names = index ? writeAliasesIn(index) : [];
  return isOurs && !isGuarded(o) && names.every(name => /\.W\d+\.0\.draining$/.test(name));
}

/** What ends a cut-over that may be at work, before the run stands still or is given up; [] = there is nothing of it. */
export function lettingGo(o: Observed): readonly RunEffect[] {
  return mayHaveBegun(o) ? givingUp(o) : [];
}

/**
 * The same before the candidate is deleted: also where no Job is to be seen, a pod of one that was made away with may be at
 * work, and switch right before the deletion.
 */
export function shuttingOut(o: Observed): readonly RunEffect[] {
  return mayHaveBegun(o) || (candidateIndex(o) !== undefined && isCopied(candidateSet(o))) ? givingUp(o) : [];
}

/** [] = it was given up. */
export function givingUp(o: Observed): readonly RunEffect[] {
  const live = liveSide(o);
  const number = candidateSet(o)?.number ?? o.engine?.record?.candidate ?? o.request.status.to?.number;
  if (!live || !o.target || number == null || isGivenUp(o)) return [];
  const candidate = versionName(o.target.alias, number);
  return [giveUpCutOver({ candidate, live: live.name, holder: o.holder })];
}
