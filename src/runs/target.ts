import { claimantOf, type Claimant } from '../alias/claimant.ts';
import { hasFinalizer } from '../alias/ownership.ts';
import type { IndexedRepo } from '../api/indexed-repo.ts';
import { shapeHeldBack } from '../domain/held-shape.ts';
import { mainRole, type Member } from '../domain/version.ts';

/** What a run is about: an alias, in whose name, and what it shall serve. All that steps know of whoever asks. */
export type Target = Claimant &
  Pick<IndexedRepo['spec'], 'source' | 'worker' | 'heavy' | 'retain'> & {
    readonly is: 'Repo';
    readonly shape: IndexedRepo['spec']['index'];
    /** What a new version of it is made of: the main index, and others beside it. */
    readonly members: readonly Pick<Member, 'role' | 'properties'>[];
    /** The hash of the shape that a rollback holds back; undefined = none. */
    readonly heldShape: string | undefined;
    readonly paused: boolean;
    /** The only folder of the source that is indexed, for the record; undefined = all of it. */
    readonly folder: string | undefined;
    /** Its runs have no object that outlives the program: the next one goes on with what a run that ended early has built. */
    readonly resumes: boolean;
    /** What goes once a new version serves: what `retain` no longer wants, or the one version that is replaced, or nothing. */
    readonly removes: 'Outlived' | 'Replaced' | 'Nothing';
    /** It cleans up what it owns outside of Kubernetes before it goes. */
    readonly mayOwn: boolean;
    /** Since when it is being deleted. */
    readonly leavingSince: string | undefined;
  };

/** A version that is built from Git, as an IndexedRepo declares it. */
export function repoTarget(repo: IndexedRepo): Target {
  const { source, worker, heavy, retain, index, paused } = repo.spec;
  return {
    ...claimantOf(repo),
    ...{ is: 'Repo', source, heavy, retain, paused, shape: index, members: [{ role: mainRole }] },
    ...(worker && { worker }),
    ...{ folder: undefined, resumes: false, removes: 'Outlived' },
    heldShape: shapeHeldBack(repo),
    mayOwn: hasFinalizer(repo),
    leavingSince: repo.metadata.deletionTimestamp,
  };
}
