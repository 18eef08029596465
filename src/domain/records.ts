import type { JsonObject } from './json.ts';
import { mainRole, type Member, memberName } from './version.ts';

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

/** The versions that the alias serves, or is about to. */
export function servingNumbers({ live, candidate }: AliasRecord): readonly number[] {
  return [live, candidate].filter(number => number !== null);
}

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

/** Of a lease of who writes a version: long enough for a slow engine, short enough that a dead writer is replaced soon. */
export const writerLeaseSeconds = 15;

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
  /** Its main index. */
  readonly index: string;
  /** All of its indices. Absent: an earlier release wrote it, `index` is the only one. */
  readonly members?: readonly Member[] | undefined;
  readonly number: number;
  /** Opaque: uid of an IndexedRepo, `cli`, or '' of none. */
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

/** What a version is made of. */
export type VersionMembers = Pick<VersionRecord, 'alias' | 'number' | 'index' | 'members'>;

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
  readonly unit: 'Files' | 'Documents';
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

/** What the record of a version says whose documents are not made from Git: of an alias that applications write to. */
export const notFromGit = { branch: '', repoUrl: '', chunkerHash: '', selectionHash: '' } as const;

/** Not so what was copied, or adopted as it was: it has documents of applications. */
export function isBuiltFromGit({ repoUrl }: Pick<VersionRecord, 'repoUrl'>): boolean {
  return repoUrl !== '';
}

/** What is known of a version before its first run. */
export type NewVersion = Pick<
  VersionRecord,
  | 'alias'
  | 'number'
  | 'ownerUid'
  | 'branch'
  | 'repoUrl'
  | 'schema'
  | 'chunkerHash'
  | 'selectionHash'
  | 'shapeHash'
  | 'shape'
  | 'workerImage'
  | 'since'
> &
  Pick<Partial<VersionRecord>, 'folder' | 'members'>;

/** The record of a version that was just created: empty, nobody writes it. */
export function newVersionRecord(version: NewVersion): VersionRecord {
  return {
    kind: 'version',
    ...version,
    index: memberName(version.alias, version.number, mainRole),
    phase: 'Building',
    commit: null,
    base: null,
    tree: null,
    files: 0,
    chunks: 0,
    skipped: 0,
    fingerprint: '',
    clean: true,
    writer: { held: false, holder: null, token: 0, epoch: 0, leaseSeconds: 0 },
  };
}
