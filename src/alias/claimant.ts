import type { IndexedRepo } from '../api/indexed-repo.ts';
import { keys } from '../api/meta.ts';
import type { Owner } from '../domain/records.ts';

/** Who declares an alias, and would own what is made behind it. */
export type Claimant = {
  readonly alias: string;
  readonly namespace: string;
  readonly name: string;
  /** Opaque: who it is. What it owns carries this. */
  readonly uid: string;
  /** The uid of an owner that is said to be gone for good, so that this one follows it. */
  readonly takesOverFrom: string | undefined;
  /** The highest token of the lock that its own status remembers. 0 = none. */
  readonly tokenSeen: number;
};

export function claimantOf({ metadata, spec, status }: IndexedRepo): Claimant {
  const { namespace, name, uid, annotations } = metadata;
  return {
    ...{ alias: spec.alias, namespace, name, uid },
    takesOverFrom: annotations?.[keys.takeOverFrom],
    tokenSeen: status.lock?.token ?? 0,
  };
}

/**
 * Who owns an alias that no IndexedRepo declares: all requests of one namespace of one Kubernetes cluster together, so that one
 * goes on with what another has left. `operator` is the uid of that cluster.
 */
export function bareClaimant({
  alias,
  namespace,
  operator,
}: Pick<Claimant, 'alias' | 'namespace'> & { readonly operator: string }): Claimant {
  const uid = `alias/${operator}/${namespace}`;
  return { alias, namespace, name: '', uid, takesOverFrom: undefined, tokenSeen: 0 };
}

/** The owner as the settings index records it. */
export function ownerOf(
  { namespace, name, uid }: Claimant,
  { clusterUuid, operator }: { readonly clusterUuid: string; readonly operator: string },
): Owner {
  return { clusterUuid, namespace, name, uid, operator };
}
