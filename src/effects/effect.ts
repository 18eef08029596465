import type { VersionSet } from '../alias/version-set.ts';
import type { Key, NewObject } from '../api/object.ts';
import type { AliasMember } from '../domain/alias-member.ts';
import type { IndexBody } from '../domain/index-body.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Holder, Owner, VersionRecord } from '../domain/records.ts';
import { nameOf, versionName } from '../domain/version.ts';
import { jobKeys } from '../work/view.ts';

/**
 * Everything the operator does to the world, as data: what `apply` runs, what crash tests cut short after, and what an
 * audit log would list. Each one is idempotent: "already so" is success if what stands there is ours.
 */
export type Effect =
  | { readonly do: 'claim-alias'; readonly alias: string; readonly owner: Owner }
  /** From an owner that is gone for good, with everything that still carries its uid. */
  | { readonly do: 'take-over-alias'; readonly alias: string; readonly owner: Owner; readonly from: string }
  | { readonly do: 'remove-alias'; readonly alias: string; readonly index: string }
  | { readonly do: 'release-alias'; readonly alias: string; readonly ownerUid: string }
  | { readonly do: 'forget-alias'; readonly alias: string; readonly ownerUid: string }
  | ({ readonly do: 'take-lock' } & LockEffect & { readonly tokenFloor: number })
  | ({ readonly do: 'take-over-lock' } & LockEffect & { readonly tokenFloor: number; readonly seqNo: number })
  | { readonly do: 'renew-lock'; readonly alias: string; readonly holder: Holder; readonly token: number }
  | { readonly do: 'release-lock'; readonly alias: string; readonly holder: Holder; readonly token: number }
  | { readonly do: 'reserve-version'; readonly alias: string; readonly number: number }
  | { readonly do: 'create-version'; readonly bodies: readonly NewIndex[]; readonly record: VersionRecord }
  /** Which image fills a version: what follows it later has to cut text the same way. */
  | { readonly do: 'note-image'; readonly index: string; readonly image: string }
  | { readonly do: 'put-settings'; readonly index: string; readonly settings: JsonObject; readonly refresh: boolean }
  | {
      readonly do: 'switch-alias';
      readonly alias: string;
      readonly expected: readonly AliasMember[];
      readonly next: readonly AliasMember[];
    }
  | {
      readonly do: 'record-switch';
      readonly alias: string;
      readonly live: number;
      readonly retired: readonly number[];
      readonly since: string;
    }
  | {
      readonly do: 'delete-version';
      readonly alias: string;
      readonly number: number;
      /** Of all its members, whether they are there or not. */
      readonly indices: readonly string[];
      readonly ownerUid: string;
    }
  /** Under the lock, which is given back at once: no rollback must be on its way to one of them. No versions = give it back. */
  | ({ readonly do: 'expire-versions' } & LockEffect & {
        readonly tokenFloor: number;
        readonly versions: readonly VersionToDelete[];
        readonly ownerUid: string;
      })
  /** The record of a run that nobody polls any more. */
  | { readonly do: 'forget-run'; readonly uid: string; readonly partitions?: number }
  | { readonly do: 'create-job'; readonly job: NewObject }
  | { readonly do: 'delete-job'; readonly key: Key; readonly uid: string }
  | { readonly do: 'create-request'; readonly request: NewObject }
  | { readonly do: 'delete-request'; readonly key: Key; readonly uid: string }
  | ({ readonly do: 'add-finalizer' | 'remove-finalizer' } & FinalizerEffect);

export type NewIndex = { readonly index: string; readonly body: IndexBody };

export type VersionToDelete = { readonly number: number; readonly indices: readonly string[] };

type LockEffect = { readonly alias: string; readonly holder: Holder; readonly leaseSeconds: number };

type FinalizerEffect = {
  readonly kind: 'IndexedRepo' | 'ReindexRequest';
  readonly key: Key;
  readonly resourceVersion: string;
  readonly finalizers: readonly string[];
};

/** A version with all of its indices, as it is named for deletion. */
export function toDelete({ number, members }: Pick<VersionSet, 'number' | 'members'>): VersionToDelete {
  return { number, indices: members.map(({ index }) => index) };
}

/** Removes a version of an owner, whatever of it is there. */
export function deletionOf(
  set: Pick<VersionSet, 'number' | 'members'>,
  alias: string,
  ownerUid: string,
): Extract<Effect, { do: 'delete-version' }> {
  return { do: 'delete-version', alias, ...toDelete(set), ownerUid };
}

/** Stable id `kind/target`: the same effect has the same id in every reconcile. */
export function effectId(effect: Effect): string {
  return `${effect.do}/${target(effect)}`;
}

/** What else a log line about an effect says: what a Job is for. */
export function effectDetails(effect: Effect): { readonly index?: string; readonly commit?: string } {
  if (effect.do !== 'create-job') return {};
  const { [jobKeys.index]: index, [jobKeys.commit]: commit } = effect.job.metadata.annotations ?? {};
  return { ...(index !== undefined && { index }), ...(commit !== undefined && { commit }) };
}

function target(effect: Effect): string {
  switch (effect.do) {
    case 'claim-alias':
    case 'take-over-alias':
    case 'remove-alias':
    case 'release-alias':
    case 'forget-alias':
    case 'take-lock':
    case 'take-over-lock':
    case 'renew-lock':
    case 'release-lock':
    case 'switch-alias':
    case 'expire-versions':
      return effect.alias;
    case 'reserve-version':
    case 'delete-version':
      return versionName(effect.alias, effect.number);
    case 'record-switch':
      return versionName(effect.alias, effect.live);
    case 'create-version':
      return nameOf(effect.record);
    case 'note-image':
    case 'put-settings':
      return effect.index;
    case 'forget-run':
      return effect.uid;
    case 'create-job':
      return effect.job.metadata.name;
    case 'create-request':
      return effect.request.metadata.name;
    case 'delete-job':
    case 'delete-request':
    case 'add-finalizer':
    case 'remove-finalizer':
      return effect.key.name;
    default:
      return effect satisfies never;
  }
}
