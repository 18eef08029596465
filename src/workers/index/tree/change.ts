import type { ManifestEntry } from './manifest.ts';
import { isContentReason, type Judged, type SkipReason } from './selection.ts';

/** What the version holds of a path before the change, as far as undoing it needs. */
export type Previous = Pick<ManifestEntry, 'mode' | 'oid' | 'state' | 'chunks'>;

/** One step from what the version holds to what the tree holds. */
export type Change =
  | {
      readonly do: 'put';
      readonly filePath: string;
      readonly mode: string;
      readonly oid: string;
      /** `read` = the content decides; else the reason why it is not looked at. */
      readonly judged: 'read' | SkipReason;
      readonly previous?: Previous;
    }
  | { readonly do: 'remove'; readonly filePath: string; readonly previous: Previous };

/** A selected entry of the tree. */
export type Wanted = {
  readonly filePath: string;
  readonly mode: string;
  readonly oid: string;
  readonly judged: Exclude<Judged, 'excluded'>;
};

/** What a file document must agree with beside the tree. */
export type ManifestExpectation = {
  readonly branch: string;
  readonly repoUrl: string;
  readonly maxFileBytes: number;
  /** The version was made with another selection: what was too large then may not be now. */
  readonly selectionChanged: boolean;
};

/** The change that makes the document of a path what the tree wants, or undefined when it is that already. Pure. */
export function changeOf(
  wanted: Wanted,
  found: ManifestEntry | undefined,
  expectation: ManifestExpectation,
): Change | undefined {
  if (found === undefined) return { do: 'put', ...wanted };
  if (isCurrent(wanted, found, expectation)) return undefined;
  return { do: 'put', ...wanted, previous: previousOf(found) };
}

export function removalOf(found: ManifestEntry): Change {
  return { do: 'remove', filePath: found.filePath, previous: previousOf(found) };
}

export function previousOf({ mode, oid, state, chunks }: ManifestEntry): Previous {
  return { mode, oid, state, chunks };
}

function isCurrent(wanted: Wanted, found: ManifestEntry, expectation: ManifestExpectation): boolean {
  return (
    wanted.mode === found.mode &&
    wanted.oid === found.oid &&
    found.branch === expectation.branch &&
    found.repoUrl === expectation.repoUrl &&
    isJudgedAlike(wanted.judged, found, expectation)
  );
}

function isJudgedAlike(judged: Wanted['judged'], found: ManifestEntry, expectation: ManifestExpectation): boolean {
  if (judged !== 'read') return found.state === 'skipped' && found.skipReason === judged;
  // The size of what was too large is not known: where it lies depends on how the commit was fetched.
  if (found.skipReason === 'too-large') return !expectation.selectionChanged;
  if (found.size > expectation.maxFileBytes) return false;
  return found.state === 'indexed' || isContentReason(found.skipReason);
}
