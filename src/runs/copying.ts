import { versionSet, type VersionSet } from '../alias/version-set.ts';
import type { Copied } from '../domain/index-body.ts';
import { mainRole } from '../domain/version.ts';
import type { IndexDescription } from '../engine/port.ts';
import type { CopyWork } from '../work/assignment.ts';
import { candidateIndex, candidateSet, ground, metaOf, type Ground } from './facts.ts';
import type { Observed } from './observed.ts';
import type { AliasTarget } from './target.ts';

/** Questions that the steps of a copy ask of what was observed. All pure. */

/** What steps may rely on that copy: asking them about a version that is built from Git is a bug as well. */
export function copyGround(o: Observed): Ground & { readonly target: AliasTarget } {
  const { target, ...rest } = ground(o);
  if (target.is !== 'Alias')
    throw new Error(`a step that copies was asked about ${rest.alias}, which is built from Git`);
  return { ...rest, target };
}

/** The version that is copied: the one that serves, by the records. Undefined = none does, or it is not there as a whole. */
export function copiedSet(o: Observed): VersionSet | undefined {
  const { engine, record, alias } = ground(o);
  const set = record.live === null ? undefined : versionSet(engine, alias, record.live);
  return set?.isWhole ? set : undefined;
}

/** The index of it that is read. */
export function copiedIndex(o: Observed): IndexDescription | undefined {
  const set = copiedSet(o);
  const main = set?.members.find(({ role }) => role === mainRole);
  return set?.indices.find(({ name }) => name === main?.index);
}

/** From which index into which one, as a worker is told. */
export function sidesOf(o: Observed): Omit<CopyWork, 'program'> {
  const [from, index] = [copiedIndex(o)?.name ?? '', candidateIndex(o)?.name ?? ''];
  return { alias: ground(o).alias, from, index, number: candidateSet(o)?.number ?? 0, partitions: 1 };
}

/** What the copy wrote down of itself; undefined = nothing yet. */
export function copiedNote(o: Observed): Copied | undefined {
  const index = candidateIndex(o);
  return index && metaOf(index).copied;
}

/** The record says that the version holds what was to be copied, whatever became of the Job since. */
export function isCopied(set: Pick<VersionSet, 'record'> | undefined): boolean {
  return set?.record !== undefined && set.record.phase !== 'Building';
}

/** Jobs of this run of the cut-over: the first round copies. */
export function isOfCutOver({ round }: { readonly round: number }): boolean {
  return round > 0;
}
