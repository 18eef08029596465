import { bareTrouble } from '../alias/bare-trouble.ts';
import { bareClaimant, claimantOf, type Claimant } from '../alias/claimant.ts';
import type { AliasSide } from '../alias/observe.ts';
import { aliasTrouble, hasFinalizer, type OwnerLook } from '../alias/ownership.ts';
import type { IndexedRepo } from '../api/indexed-repo.ts';
import type { ReindexRequest } from '../api/reindex-request.ts';
import type { Problem } from '../domain/problem.ts';
import { shapeHeldBack } from '../domain/held-shape.ts';
import type { CopiedShape } from '../domain/shape.ts';
import { mainRole, type Member } from '../domain/version.ts';

/** What a run is about: an alias, in whose name, and what it shall serve. All that steps know of whoever asks. */
export type Target = RepoTarget | AliasTarget;

/** What every target says. */
type Common = Claimant &
  Pick<IndexedRepo['spec'], 'worker' | 'heavy' | 'retain'> & {
    /** The hash of the shape that a rollback holds back; undefined = none. */
    readonly heldShape: string | undefined;
    readonly paused: boolean;
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
export type RepoTarget = Common &
  Pick<IndexedRepo['spec'], 'source'> & {
    readonly is: 'Repo';
    readonly shape: IndexedRepo['spec']['index'];
    /** What a new version of it is made of: the main index, and others beside it. */
    readonly members: readonly Pick<Member, 'role' | 'properties'>[];
    /** The only folder of the source that is indexed, for the record; undefined = all of it. */
    readonly folder: string | undefined;
  };

/** An alias that applications write to: what it serves is where the next version comes from. */
export type AliasTarget = Common & {
  readonly is: 'Alias';
  /** What the next version has of its own; all else is as in what serves. */
  readonly shape: CopiedShape;
  /** An alias that has no owner yet may be taken, with what it serves. */
  readonly adopt: boolean;
};

/** A version that is built from Git, as an IndexedRepo declares it. */
export function repoTarget(repo: IndexedRepo): RepoTarget {
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

/** An alias that no IndexedRepo declares, in the name of a namespace. `operator` is the uid of the Kubernetes cluster. */
export function aliasTarget({ metadata, spec }: ReindexRequest, alias: string, operator: string): AliasTarget {
  return {
    ...bareClaimant({ alias, namespace: metadata.namespace, operator }),
    ...{ is: 'Alias', adopt: spec.adopt ?? false, shape: spec.copy?.index ?? {}, heavy: {} },
    ...{ retain: { versions: 1 }, removes: 'Outlived', resumes: false, heldShape: undefined },
    // The SearchCluster stays as long as a run of it is not over, and it has no other object.
    ...{ paused: false, mayOwn: true, leavingSince: undefined },
  };
}

/** Why the alias of a target cannot be worked on as it stands; undefined = it can. */
export function targetTrouble(target: Target, side: AliasSide & Partial<OwnerLook>): Problem | undefined {
  return target.is === 'Alias' ? bareTrouble(target, side) : aliasTrouble(target, side);
}
