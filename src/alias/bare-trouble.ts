import type { IndexMeta } from '../domain/index-body.ts';
import { ownerName } from '../domain/owner-name.ts';
import type { Problem } from '../domain/problem.ts';
import { isBuiltFromGit } from '../domain/records.ts';
import type { IndexDescription } from '../engine/port.ts';
import type { Claimant } from './claimant.ts';
import type { AliasSide } from './observe.ts';
import { aliasLost, isOwned, movedMembers, otherOwner, ownIndex, type OwnerLook } from './ownership.ts';

/** Who copies what an alias serves. `adopt`: it may take over one that nothing of ours serves yet, or that was let go. */
export type BareClaimant = Claimant & { readonly adopt: boolean };

type Side = AliasSide & Partial<OwnerLook>;

/**
 * Why an alias that applications write to cannot be copied by this claimant as it stands, or undefined when it can. The side
 * has to describe what the alias serves. Nothing of this is ever fought over.
 */
export function bareTrouble(claimant: BareClaimant, side: Side): Problem | undefined {
  return (
    ownIndex(claimant, side) ??
    noAlias(claimant, side) ??
    otherOwner(claimant, side) ??
    (isRecorded(side) ? movedByHand(claimant, side) : notOneIndex(claimant, side)) ??
    builtByOthers(claimant, side) ??
    sharedWithOthers(side) ??
    notAdopted(claimant, side)
  );
}

/** The records say what the alias serves: it was adopted, or a run switched it. */
export function isRecorded({ record }: Pick<AliasSide, 'record'>): boolean {
  return record?.live != null;
}

function noAlias({ alias }: Claimant, side: Side): Problem | undefined {
  if (side.aliasIs === 'index')
    return {
      reason: 'AliasIsIndex',
      message: `"${alias}" is a concrete index or a data stream, and only what stands behind an alias can be copied`,
    };
  if (side.aliasIs === 'alias' || isRecorded(side)) return undefined;
  return { reason: 'TargetNotFound', message: `there is no alias "${alias}" on this cluster: nothing can be copied` };
}

/** A copy has nothing to begin with where what it knows of is not served any more. */
function movedByHand(claimant: Claimant, side: Side): Problem | undefined {
  return aliasLost(claimant, side) ?? movedMembers(claimant, side);
}

function notOneIndex({ alias }: Claimant, { members }: Side): Problem | undefined {
  const [first, ...others] = members;
  if (!first || first.index.startsWith('.ds-'))
    return {
      reason: 'AliasAmbiguous',
      message: `"${alias}" stands for a data stream, and only what is one index can be copied`,
    };
  if (others.length === 0) return undefined;
  const names = members.map(({ index }) => index).join(', ');
  return {
    reason: 'AliasAmbiguous',
    message: `"${alias}" points at ${members.length} indices, ${names}: only an alias of one index can be copied`,
  };
}

/**
 * What a worker wrote from Git, or an owner that is not this one. Documents of the former carry versions of their own, which
 * must not be mixed with those of a copy.
 */
function builtByOthers(claimant: Claimant, side: Side): Problem | undefined {
  const { alias, uid } = claimant;
  const version = side.versions.find(({ number }) => number === side.record?.live);
  for (const index of servedIndices(side)) {
    const { managedBy, ownerUid = '', copied }: Partial<IndexMeta> = index.meta;
    const isCopied = version ? !isBuiltFromGit(version) : managedBy === undefined || copied !== undefined;
    if (!isCopied)
      return {
        reason: 'VersionDomain',
        message: `"${alias}" serves ${index.name}, which was built from Git: an IndexedRepo builds it anew`,
      };
    // Its records were lost, or are in another settings index.
    if (ownerUid !== '' && ownerUid !== uid)
      return {
        reason: 'AliasOwnedElsewhere',
        message: `"${alias}" serves ${index.name}, which carries another owner, uid ${ownerUid}`,
      };
  }
  return undefined;
}

/** All aliases of an index move with it: not one that another owner would then not find where its records say. */
function sharedWithOthers({ beside }: Side): Problem | undefined {
  const owned = beside.find(({ owner }) => owner !== undefined && owner.uid !== '');
  if (!owned?.owner) return undefined;
  return {
    reason: 'AliasOwnedElsewhere',
    message: `"${owned.alias}" is an alias of the same index and belongs to ${ownerName(owned.owner)}, uid ${owned.owner.uid}: it would move along`,
  };
}

function notAdopted(claimant: BareClaimant, side: Side): Problem | undefined {
  const { alias, adopt } = claimant;
  if (adopt || (isOwned(claimant, side) && isRecorded(side))) return undefined;
  const names = side.members.map(({ index }) => index).join(', ');
  return {
    reason: 'AdoptionNeeded',
    message: `"${alias}" serves ${names}, and no run of this namespace has taken it over: spec.adopt of a request does`,
  };
}

/** The indices that the alias serves, as far as they are described. */
export function servedIndices({
  members,
  indices,
}: Pick<AliasSide, 'members' | 'indices'>): readonly IndexDescription[] {
  return indices.filter(({ name }) => members.some(({ index }) => index === name));
}
