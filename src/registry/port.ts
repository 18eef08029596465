import type {
  AliasRecord,
  BreakNote,
  Holder,
  Lease,
  LockRecord,
  OperatorId,
  OperatorRecord,
  Owner,
  PartRecord,
  RunRecord,
  VersionMembers,
  VersionRecord,
} from '../domain/records.ts';
import type { Stand, Stored } from '../engine/port.ts';

export type AliasAndLock = {
  readonly record: Stored<AliasRecord> | undefined;
  readonly lock: Stored<LockRecord> | undefined;
};

export type Granted = { readonly is: 'granted'; readonly lease: Lease };
export type Refused = { readonly is: 'held'; readonly lease: Lease; readonly seqNo: number };

/** What a lease is about: the lock of an alias, the writer of a version, or the writer of one part of a run. */
export type LeaseOf =
  | { readonly of: 'alias'; readonly alias: string }
  | { readonly of: 'version'; readonly alias: string; readonly index: string }
  | { readonly of: 'part'; readonly alias: string; readonly run: string; readonly partition: number };

/**
 * The settings index of one SearchCluster: where workers, the command line and outside tools read the truth about
 * aliases and versions without Kubernetes (design page, section 3). Every change is a compare-and-set.
 */
export interface Settings {
  /**
   * Creates the settings index (hidden, one shard, strict mapping) if it is not there; gives one that an earlier release
   * made the fields that came since, and changes nothing else of it. Throws TerminalError(SettingsNewer) for one that a
   * later release made.
   */
  ensure(): Promise<void>;
  aliasRecord(alias: string): Promise<Stored<AliasRecord> | undefined>;
  aliasRecords(): Promise<readonly AliasRecord[]>;
  /** What is looked at again and again, in one request. */
  aliasAndLock(alias: string): Promise<AliasAndLock>;
  /** The same for several aliases, in their order, in one request as well. */
  aliasesAndLocks(aliases: readonly string[]): Promise<readonly AliasAndLock[]>;
  operatorRecord(id: OperatorId): Promise<Stored<OperatorRecord> | undefined>;
  operatorRecords(): Promise<readonly OperatorRecord[]>;
  /** Compare-and-set; `undefined` = there must be none yet. */
  putOperator(record: OperatorRecord, expected: Stand | undefined): Promise<'written' | 'conflict'>;
  /** First owner wins: `_create`, then read. The same uid claiming again is the owner still. */
  claim(alias: string, owner: Owner): Promise<{ is: 'ours'; record: AliasRecord } | { is: 'taken'; by: Owner }>;
  /** Compare-and-set loop, at most 10 tries, then ConflictError. `change` is pure and may be called again. */
  changeAlias(alias: string, change: (record: AliasRecord) => AliasRecord): Promise<AliasRecord>;
  /**
   * Removes alias and version records of an owner that is gone for good, and what its runs wrote. The lock record stays,
   * free: it keeps the highest token and the next number, so that late writers of the old alias are shut out of a new one.
   */
  forgetAlias(alias: string, ownerUid: string): Promise<void>;

  /** By the name of the version, as in every call below. */
  versionRecord(name: string): Promise<Stored<VersionRecord> | undefined>;
  versionRecords(alias: string): Promise<readonly VersionRecord[]>;
  /** Those that there are of these indices, in one request, in their order. */
  versionsNamed(indices: readonly string[]): Promise<readonly VersionRecord[]>;
  /** What those are made of, in one request that carries nothing else of them. */
  versionMembers(names: readonly string[]): Promise<readonly VersionMembers[]>;
  createVersion(record: VersionRecord): Promise<'created' | 'exists'>;
  changeVersion(name: string, change: (record: VersionRecord) => VersionRecord): Promise<VersionRecord>;
  deleteVersion(name: string): Promise<void>;

  lockRecord(alias: string): Promise<Stored<LockRecord> | undefined>;
  /**
   * Takes the lease if it is free or already this holder's (same uid and pod; a lost reply is resolved by reading).
   * Every grant draws the next token: 1 + max(counter of `alias~`, `tokenFloor`, token in the record).
   */
  acquire(
    lease: LeaseOf,
    holder: Holder,
    options: { leaseSeconds: number; tokenFloor: number },
  ): Promise<Granted | Refused>;
  /** Takes over from a holder whose record did not move (`seqNo` seen for a whole lease by the caller itself): epoch + 1. */
  takeOver(
    lease: LeaseOf,
    holder: Holder,
    seen: Refused,
    options: { leaseSeconds: number; tokenFloor: number },
  ): Promise<Granted | Refused>;
  /** Due every third of the lease. `lost` = somebody else holds it: stop writing at once. */
  renew(lease: LeaseOf, holder: Holder, token: number): Promise<'renewed' | 'lost'>;
  /** Clean release: only after every write was awaited. Idempotent; a lease of somebody else is left alone. */
  release(lease: LeaseOf, holder: Holder, token: number): Promise<void>;

  /**
   * Takes the lock away from the grant that `seen` shows, however alive its holder is, and writes down who did it: token
   * and epoch grow. With a lock that is free only the note is written. 'changed' = another grant stands there now.
   */
  breakLock(
    alias: string,
    seen: Pick<Lease, 'held' | 'token'>,
    note: BreakNote,
    tokenFloor: number,
  ): Promise<'broken' | 'changed'>;

  runRecord(uid: string): Promise<RunRecord | undefined>;
  /** Last writer wins: only the run itself writes it. For its first word; one that was deleted is there again. */
  putRun(record: RunRecord): Promise<void>;
  /** As `changeVersion`: ConflictError for one that was deleted, which stays so. */
  changeRun(uid: string, change: (record: RunRecord) => RunRecord): Promise<RunRecord>;
  /** Of a run in `partitions` parts: the records of the parts too. */
  deleteRun(uid: string, partitions?: number): Promise<void>;

  createPart(record: PartRecord): Promise<'created' | 'exists'>;
  partRecord(run: string, partition: number): Promise<PartRecord | undefined>;
  /** Every part of a run that has begun, by number; what was just written included. */
  partRecords(run: string): Promise<readonly PartRecord[]>;
  changePart(run: string, partition: number, change: (record: PartRecord) => PartRecord): Promise<PartRecord>;
}
