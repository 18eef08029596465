import type { JsonObject, Stand, Stored } from './port.ts';

/**
 * The settings index of one SearchCluster: where workers, the command line and outside tools read the truth about
 * aliases and versions without Kubernetes (design page, section 3). Every change is a compare-and-set.
 */

/** Who may switch and delete behind an alias. The command line owns with an empty namespace and uid `cli`. */
export type Owner = {
  readonly clusterUuid: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Uid of the Kubernetes cluster whose operator owns it in their name. Absent: not known, an earlier release wrote it. */
  readonly operator?: string | undefined;
};

/** Who let an alias go in the name of an owner that is gone, when by their own clock, and why. */
export type ReleaseNote = { readonly by: string; readonly reason: string; readonly at: string; readonly owner: Owner };

/** `alias~{alias}` */
export type AliasRecord = {
  readonly kind: 'alias';
  readonly alias: string;
  readonly owner: Owner;
  /** Version numbers. `null` = none. */
  readonly live: number | null;
  readonly candidate: number | null;
  /** Newest first. */
  readonly retired: readonly number[];
  /** Versions that must receive every write now. */
  readonly writeSet: readonly number[];
  /** The number the next version gets; only grows, never reused. */
  readonly nextVersion: number;
  /** The token of the latest grant; only grows. */
  readonly tokenCounter: number;
  /** Absent = never let go by hand. */
  readonly released?: ReleaseNote | undefined;
  /** Whom the owner took the alias over from: versions that still carry that uid are handed over. Absent = nobody. */
  readonly previous?: Owner | undefined;
};

export type HolderKind = 'Heavy' | 'Light' | 'External';

export type Holder = {
  readonly kind: HolderKind;
  /** "ReindexRequest/shop/kibana-8f3a", "cli/host:pid": for people. */
  readonly name: string;
  /** Uid of the request or Job, or a random id of an outside program: who it is. */
  readonly uid: string;
  /** Uid of the pod or process that does the work, where there is one. */
  readonly pod: string;
  /** Of a request: uid of the Kubernetes cluster that knows it. Absent: not known. */
  readonly operator?: string | undefined;
};

/** The one lease rule: lock and writer alike. `epoch` grows only when the last holder did not release cleanly. */
export type Lease = {
  readonly held: boolean;
  readonly holder: Holder | null;
  readonly token: number;
  readonly epoch: number;
  readonly leaseSeconds: number;
};

/** What was taken from whom by hand: the lock, or the writer of a version, which `of` then names. */
export type BrokenLease = { readonly of: string; readonly holder: Holder | null; readonly token: number };

/** Who took leases away by hand the last time, when by their own clock, why, and from whom. */
export type BreakNote = {
  readonly by: string;
  readonly reason: string;
  readonly at: string;
  readonly held: readonly BrokenLease[];
};

/** `reindex_in_progress_{alias}`: held by heavy and outside runs; never deleted. */
export type LockRecord = {
  readonly kind: 'lock';
  readonly alias: string;
  readonly lease: Lease;
  /** Absent = never broken. */
  readonly broken?: BreakNote | undefined;
  /** What the alias record counted when it was forgotten: no number of a version is ever given out again. */
  readonly nextVersion?: number | undefined;
};

export type AliasAndLock = {
  readonly record: Stored<AliasRecord> | undefined;
  readonly lock: Stored<LockRecord> | undefined;
};

/** What the operators of a Kubernetes cluster and of its clones have in common: the cluster's uid and the Lease they hold. */
export type OperatorId = { readonly operator: string; readonly election: string };

/** Which of several operators that take themselves for the same one stays, over whom, who said so, and when by their own clock. */
export type KeepNote = {
  readonly process: string;
  /** Those that hold back for good, and whoever follows one of them. */
  readonly over: readonly string[];
  readonly by: string;
  readonly at: string;
};

/**
 * `operator~{operator}~{election}`: which process leads there. Only one may, so a leader that finds another one here has a
 * twin: an etcd that was copied gives two clusters the same uids.
 */
export type OperatorRecord = OperatorId & {
  readonly kind: 'operator';
  /** The process that wrote itself down last. */
  readonly process: string;
  /** Processes that lead beside each other until a human chooses; [] = none. */
  readonly disputed: readonly string[];
  /** The last choice. Absent = there never was anything to choose. */
  readonly kept?: KeepNote | undefined;
};

export type VersionPhase = 'Building' | 'Complete' | 'Live' | 'Retired';

/** `version~{index}`: state is per concrete version, so that a switch or a return carries the right commit. */
export type VersionRecord = {
  readonly kind: 'version';
  readonly alias: string;
  readonly index: string;
  readonly number: number;
  readonly ownerUid: string;
  readonly phase: VersionPhase;
  /** The commit whose tree the version holds, verified; `null` until the first run ended well. */
  readonly commit: string | null;
  readonly base: string | null;
  readonly tree: string | null;
  readonly branch: string;
  /** The branch that HEAD stood for when HEAD was last indexed, `refs/heads/main`. Absent: another ref, or not known. */
  readonly head?: string | undefined;
  readonly repoUrl: string;
  /** The only folder of the repository that is indexed. Absent: all of it, as far as include and exclude go. */
  readonly folder?: string | undefined;
  readonly schema: number;
  readonly chunkerHash: string;
  readonly selectionHash: string;
  readonly shapeHash: string;
  /** What was declared then, without replicas, for people to compare. Absent = an earlier release, or no shape was declared. */
  readonly shape?: JsonObject | undefined;
  readonly files: number;
  readonly chunks: number;
  readonly skipped: number;
  readonly fingerprint: string;
  readonly workerImage: string;
  /** False from the first write of a run until its verified end: the next run compares states and sweeps orphans. */
  readonly clean: boolean;
  readonly since: string;
  readonly writer: Lease;
};

/** `run~{uid}`: written by the worker every few seconds; polled only while the run is active. */
export type RunRecord = {
  readonly kind: 'run';
  readonly uid: string;
  readonly alias: string;
  readonly index: string;
  readonly mode: 'full' | 'incremental';
  readonly outcome: 'running' | 'succeeded' | 'noop' | 'failed';
  readonly reason: string;
  readonly message: string;
  readonly commit: string;
  readonly unit: 'Files';
  readonly done: number;
  readonly total: number;
  readonly perSecond: number;
  readonly heartbeat: string;
  readonly started: string;
  readonly attempts: number;
};

/**
 * `run~{uid}~{partition}`: one part of a run over several workers. Progress as a run has it, the writer of this part, and,
 * once its outcome is `succeeded`, what it holds: files, chunks and fingerprints of all parts add up to the version.
 */
export type PartRecord = Omit<RunRecord, 'kind'> & {
  readonly kind: 'part';
  /** Counts from 0. */
  readonly partition: number;
  readonly partitions: number;
  readonly files: number;
  readonly chunks: number;
  readonly skipped: number;
  readonly fingerprint: string;
  /** The Git tree of the commit. */
  readonly tree: string;
  readonly lease: Lease;
};

export type Granted = { readonly is: 'granted'; readonly lease: Lease };
export type Refused = { readonly is: 'held'; readonly lease: Lease; readonly seqNo: number };

/** What a lease is about: the lock of an alias, the writer of a version, or the writer of one part of a run. */
export type LeaseOf =
  | { readonly of: 'alias'; readonly alias: string }
  | { readonly of: 'version'; readonly alias: string; readonly index: string }
  | { readonly of: 'part'; readonly alias: string; readonly run: string; readonly partition: number };

export interface Settings {
  /**
   * Creates the settings index (hidden, one shard, strict mapping) if it is not there; gives one that an earlier release
   * made the fields that came since, and changes nothing else of it.
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

  versionRecord(index: string): Promise<Stored<VersionRecord> | undefined>;
  versionRecords(alias: string): Promise<readonly VersionRecord[]>;
  /** Those that there are of these indices, in one request, in their order. */
  versionsNamed(indices: readonly string[]): Promise<readonly VersionRecord[]>;
  createVersion(record: VersionRecord): Promise<'created' | 'exists'>;
  changeVersion(index: string, change: (record: VersionRecord) => VersionRecord): Promise<VersionRecord>;
  deleteVersion(index: string): Promise<void>;

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
