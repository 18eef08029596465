/** Group, keys, condition types and every reason. Kubernetes names come from here and from nowhere else. */

export const group = 'reindeer.dev';
export const version = 'v1alpha1';
export const apiVersion = `${group}/${version}`;
export const category = 'reindeer';

/** Keys of annotations, labels and finalizers that Reindeer reads or writes. */
export const keys = {
  finalizer: `${group}/versions`,
  abandonCleanup: `${group}/abandon-cleanup`,
  runNow: `${group}/run-now`,
  alias: `${group}/alias`,
  repo: `${group}/repo`,
  request: `${group}/request`,
  run: `${group}/run`,
} as const;

/** `app.kubernetes.io/managed-by`, and `_meta.managedBy` of every index we create. */
export const managedBy = 'reindeer';

export const conditionTypes = {
  SearchCluster: ['Ready', 'Stalled', 'Paused'],
  IndexedRepo: ['Ready', 'Fresh', 'Reconciling', 'Stalled', 'Locked', 'Paused'],
  ReindexRequest: ['Succeeded', 'Finished', 'Reconciling', 'Stalled', 'Paused'],
} as const;

export type ConditionType = (typeof conditionTypes)[keyof typeof conditionTypes][number];

const well = {
  Live: 'The alias resolves to a verified version that is ours.',
  UpToDate: 'The live version holds the newest commit seen.',
  Behind: 'A newer commit exists and is being indexed, or will be at the next light run.',
  Succeeded: 'The run ended well: the alias was switched and read back.',
  Running: 'The run is at work; status.phase and status.steps say at what.',
  Idle: 'Nothing to do: the declared shape is live.',
  Building: 'The declared shape is not live yet; status.rebuild.request names the run that builds it.',
  Connected: 'The engine answered and is what it was.',
  Free: 'Nobody holds the alias.',
  HeldByRequest: 'A ReindexRequest holds the alias; light runs skip until it ends.',
  HeldOutside: 'A program outside this operator holds the alias; `reindeer status ALIAS` shows which.',
  NotPaused: 'Nothing is paused.',
  ReplicasUnassignable:
    'The alias serves, but the engine has no node for some of the replicas. Lower index.replicas, or add nodes.',
  AlreadyLive:
    'What the request asks for serves already: the version that a rollback names, or the one that a request of this name and spec built, before a sync tool or a backup made the object anew. Nothing was done; give another name, or spec.rebuild.revision of the IndexedRepo a new value, to build again.',
} as const satisfies Record<string, string>;

const waiting = {
  Queued: 'Another run holds the alias or the cluster is at its limit of runs; status.queue says behind whom.',
  Pending: 'Seen, not looked at yet.',
  NoLiveVersion: 'No version stands behind the alias yet; the first build makes one.',
  SpecChanged: 'The declared shape differs from the live one.',
  WorkerChanged:
    'The worker image cannot bring the live version up to date, which another image built: a new one is built with it.',
  RevisionChanged: 'spec.rebuild.revision asks for a rebuild.',
  PausedBySpec: 'spec.paused is true: nothing new starts. Set it to false to go on.',
  ClusterPaused: 'The SearchCluster is paused: nothing new starts on it.',
  RemoteUnreachable:
    'The Git remote cannot be asked; it is tried again with a growing pause. Check URL, network, credentials and CA.',
  EngineUnavailable: 'The search engine does not answer; it is tried again with a growing pause.',
  EngineOverloaded:
    'The search engine answers that it has too much to do; it is tried again with a growing pause. Lower limits of the SearchCluster, or give the engine more.',
  ShardUnavailable:
    'No copy of a shard is active: the index is red. Bring the node that holds it back, or restore the index; then it goes on by itself.',
  WritesBlocked:
    'An index or the cluster is set to take no writes; the message says which, and by which block. Lift it (`index.blocks.write`, `index.blocks.read_only`, `cluster.blocks.read_only`); then it goes on by itself.',
  KubernetesUnavailable:
    'The Kubernetes API server does not answer or is overloaded; it is tried again with a growing pause.',
} as const satisfies Record<string, string>;

const needsHuman = {
  InvalidSpec:
    'The stored spec does not fit the schema of this operator: another release wrote it. Update the operator, or apply the object again.',
  AliasIsIndex: 'The alias names a concrete index. Rename or delete that index, or choose another alias.',
  AliasOwnedElsewhere:
    'Another IndexedRepo, or an outside program, owns this alias on this cluster. Choose another alias or delete the other owner; one that is gone for good is let go with `reindeer lock release-owner`.',
  AliasAmbiguous: 'The alias resolves to indices that Reindeer did not make. Remove them from the alias.',
  InvalidSchedule: 'A schedule cannot be read or never comes due.',
  InvalidTimeZone: 'The time zone is not an IANA name that this operator knows.',
  SecretNotFound: 'A Secret that the object names is missing, or lacks the key that is needed.',
  InvalidSecret: 'A Secret was found but what is in it cannot be used.',
  HostKeyMissing: 'An SSH remote needs known_hosts in its Secret: there is no trust on first use.',
  HostKeyMismatch:
    'The SSH host shows another key than known_hosts holds for it: its key was changed, or somebody is in between. Compare, then update known_hosts.',
  AuthenticationFailed: 'The remote refused the credentials. Check the Secret.',
  UnknownCA: 'The server certificate is not signed by a CA that is known here. Give the CA with ca.crt.',
  RepositoryNotFound: 'The Git host answers but has no such repository, or hides it from these credentials.',
  HostNotAllowed:
    'The Git host is not on the operator setting git.allowedHosts, or resolves to a private address without being listed.',
  RefNotFound: 'The branch, tag or commit does not exist on the remote.',
  RefAmbiguous: 'A branch and a tag have this name. Write refs/heads/NAME or refs/tags/NAME.',
  EmptyRepository: 'The repository has no commit yet.',
  NothingSelected: 'include and exclude leave no file to index, or nearly everything would be deleted.',
  RepositoryTooLarge:
    'The repository does not fit: more paths than a tree of people has, more refs than are read, or more bytes than the pod may keep on disk. Raise ephemeral-storage in light or heavy resources, or index a part with include.',
  MappingRejected: 'The engine refused the mappings, or they remove a field that the worker needs.',
  SettingsRejected: 'index.settings names a setting that is not on the allow list, or the engine refused its value.',
  NotASearchEngine: 'The endpoint answers, but not as Elasticsearch or OpenSearch of a supported version.',
  ClusterChanged: 'Another cluster answers behind the endpoint. Nothing is written until spec.clusterUUID names it.',
  ClusterNotFound: 'The SearchCluster that clusterRef names does not exist in this namespace.',
  ClusterNotReady: 'The SearchCluster is not Ready; its own conditions say why.',
  TargetNotFound: 'The IndexedRepo that target.repoRef names does not exist in this namespace, or is being deleted.',
  HeldBack:
    'A rollback left the declared shape: it is not built again by itself. Change the spec, or give spec.rebuild.revision a new value, to build again.',
  FullReindexNeeded:
    'The worker cannot bring the live version up to date, although an image of the same name built it: what this name stands for was changed. Give spec.rebuild.revision a new value to build a new version.',
  RetriesExhausted:
    'The rebuild failed as often as rebuild.retries allows. Change the spec or rebuild.revision to try again.',
  Drifted:
    'Somebody changed the alias or deleted an index by hand. Nothing is fought: put it back, or rebuild with rebuild.revision.',
  DiskFull:
    'The engine blocks writes because a disk is full, or `index.blocks.read_only_allow_delete` was set by hand. Free space, or lift the block; the run goes on by itself.',
  RequestTooLarge:
    'The engine, or a proxy before it, does not take a request that large. Raise `http.max_content_length`, or the limit of the proxy, to 8 MB or more.',
  RequestRefused:
    'The engine refused a request of this program for what it says; the message holds its words. Most often the mapping or the settings of an index were changed by hand, or the engine is of another kind or version.',
  ManifestRejected:
    'The API server refused an object that follows from this spec, for instance its pod resources; the message says what.',
  KubernetesDenied:
    'The Kubernetes API server refuses the credentials, or the Role lacks a verb. Compare the Role with the chart.',
} as const satisfies Record<string, string>;

const ended = {
  WorkerFailed: 'The Job of this run failed; the message holds what the worker said last.',
  DocumentsRejected:
    'The engine refused documents, most often for a mapping that was changed by hand or by index.mappings; the message names a file and says why. Mend the mapping, or build a new version.',
  VerificationFailed: 'The candidate does not hold what the commit holds; the alias was not touched.',
  DeadlineExceeded: 'The run took longer than its deadline.',
  LockLost: 'Another holder took the alias over while this run was at work.',
  LockBroken:
    'Somebody took the alias away from this run with `reindeer lock break`; the message says who and why. A run that the operator made is tried again: pause the IndexedRepo to prevent that.',
  Superseded:
    'Another run of the same alias went before this one: a rollback, for which a rebuild was aborted, or a switch to another version than the one that a light run wrote into. Nothing of it is left.',
  VersionNotFound:
    'There is no retired version to return to, or not the one that was named; status.retired of the IndexedRepo lists them.',
  TargetDeleted: 'The IndexedRepo was deleted while the run was at work.',
  RunFailed: 'The last light run failed; status.light.last says why. It is tried again with a growing pause.',
  Deleting: 'The object is being deleted and its versions are cleaned up as deletionPolicy says.',
  Unexpected: 'An error that nobody foresaw; the operator log has its stack. It is tried again.',
} as const satisfies Record<string, string>;

/** Headings of `docs/reasons.md`, each with what its reasons have in common. */
export const reasonGroups = [
  { title: 'All is well', about: 'Nothing is asked of anybody.', reasons: well },
  { title: 'Waiting', about: 'Goes on by itself, or once somebody lets it.', reasons: waiting },
  {
    title: 'Needs a human',
    about: 'Will not go on until somebody changes something; the entry says what.',
    reasons: needsHuman,
  },
  { title: 'Ended badly', about: 'How a run ended, or why one does not go on.', reasons: ended },
] as const;

/** Every reason with what it means and what to do about it; `docs/reasons.md` is made from this table. */
export const reasons = { ...well, ...waiting, ...needsHuman, ...ended } as const;

export type Reason = keyof typeof reasons;

/** Phases of a ReindexRequest: printed for people, never branched on. */
export type Phase =
  | 'Pending'
  | 'Preflight'
  | 'Preparing'
  | 'Building'
  | 'CatchingUp'
  | 'Verifying'
  | 'Switching'
  | 'Retiring'
  | 'Succeeded'
  | 'Failed';

export type ConditionStatus = 'True' | 'False' | 'Unknown';

/** A condition as every kind carries it (API conventions: standard shape, list map keyed by type). */
export type Condition = {
  readonly type: string;
  readonly status: ConditionStatus;
  readonly reason: Reason;
  readonly message: string;
  readonly lastTransitionTime: string;
  readonly observedGeneration: number;
};
