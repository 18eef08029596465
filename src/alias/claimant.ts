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

/** The owner as the settings index records it. */
export function ownerOf(
  { namespace, name, uid }: Claimant,
  { clusterUuid, operator }: { readonly clusterUuid: string; readonly operator: string },
): Owner {
  return { clusterUuid, namespace, name, uid, operator };
}
