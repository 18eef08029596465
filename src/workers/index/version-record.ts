import { selectionHash } from '../../domain/document-model.ts';
import { TerminalError } from '../../domain/errors.ts';
import type { Lease, VersionRecord } from '../../domain/records.ts';
import type { IndexingInput, IndexingPorts } from './input.ts';
import type { Totals } from './verify/tally.ts';

/** The record of the version that a run writes: what it says before, in between, and at the verified end. */

type Ports = Pick<IndexingPorts, 'settings'>;

export async function currentRecord(input: IndexingInput, { settings }: Ports): Promise<VersionRecord> {
  const found = await settings.versionRecord(input.index);
  if (found !== undefined) return found.source;
  throw new TerminalError('Drifted', `the record of ${input.index} was deleted while a run was at work`);
}

/** The version holds what this run would leave behind, verified. */
export function isUpToDate(input: IndexingInput, record: VersionRecord): boolean {
  return (
    record.clean &&
    record.commit === input.commit &&
    record.branch === input.branch &&
    record.repoUrl === input.repoUrl &&
    record.selectionHash === selectionHash(input.selection)
  );
}

/** Before the first write: whoever comes next mends, unless the run is recorded in between. */
export async function markUnclean(input: IndexingInput, { settings }: Ports): Promise<void> {
  await settings.changeVersion(input.index, version => ({ ...version, clean: false }));
}

/** What was verified, and from where: nothing is recorded unless lease and commit still stand there. */
export type Verified = {
  readonly totals: Totals;
  readonly tree: string;
  readonly base: string | null;
  readonly lease: Lease;
};

/** The one write that makes a run count. Throws TerminalError(LockLost) when somebody else was faster. */
export async function recordCommit(input: IndexingInput, { settings }: Ports, verified: Verified): Promise<void> {
  const { totals, tree, base, lease } = verified;
  await settings.changeVersion(input.index, version => {
    if (version.commit !== base || version.writer.token !== lease.token) {
      throw new TerminalError('LockLost', `the commit of ${input.index} was moved by somebody else`);
    }
    return {
      ...version,
      phase: version.phase === 'Building' ? 'Complete' : version.phase,
      base,
      commit: input.commit,
      tree,
      branch: input.branch,
      repoUrl: input.repoUrl,
      selectionHash: selectionHash(input.selection),
      ...totals,
      clean: true,
    };
  });
}
