import { exitCodes, type ExitCode } from './exit-codes.ts';
import type { Phase } from './phase.ts';

/** What a reason means, for people and for the operator: nothing elsewhere gives one a meaning of its own. */
export type ReasonFacts = {
  /** What it means, in whole sentences; `docs/reasons.md` is made of it. */
  readonly docs: string;
  /** What to do next, where that is not in the message. */
  readonly hint?: string;
  /** What to do at a command line, whose user has no objects and no operator that tries again. */
  readonly atShell?: string;
  /** Waiting does not help: it shows as Stalled. */
  readonly lasts?: true;
  /** A run that waits for it is Paused: its clocks stand still. */
  readonly pauses?: true;
  /** Something outside of the object keeps it from going on, if only for a while: told as a Warning, as what lasts is. */
  readonly troubles?: true;
  /** An effect refused for it ends the run; any other refusal is about the way to the engine, which may mend. */
  readonly endsRun?: true;
  /** The same build would be refused again: it is not tried again before the spec changes. */
  readonly hopeless?: true;
  /** Phases of a run that ends so, while it cleans up and after it; absent = Failed in both. */
  readonly phases?: { readonly meanwhile: Phase; readonly atEnd: Phase };
  /** The Secrets may have changed since they were read: the next look reads them again. */
  readonly doubtsCredentials?: true;
  /** The way to the engine is gone with it: a deletion does not wait for that engine for ever. */
  readonly losesEngine?: true;
  /** What a worker exits with that ends for it; absent = 64 where trying again cannot help, else 75. */
  readonly exitCode?: ExitCode;
  /** That exit code without a word stands for this reason. */
  readonly ofExitCode?: true;
};

const well = {
  Live: { docs: 'The alias resolves to a verified version that is ours.' },
  UpToDate: { docs: 'The live version holds the newest commit seen.' },
  Behind: { docs: 'A newer commit exists and is being indexed, or will be at the next light run.' },
  Succeeded: { docs: 'The run ended well: the alias was switched and read back.' },
  DryRun: { docs: 'The run could work; the message says what it would do. Nothing was made, claimed or locked.' },
  IgnoredInStage: {
    docs: 'spec.abort came too late: the version before is being retired, or was not kept in a bake. What serves stays.',
    hint: '`reindeer rollback REPO` goes back, as long as the version before is retained.',
  },
  Running: { docs: 'The run is at work; status.phase and status.steps say at what.' },
  Idle: { docs: 'Nothing to do: the declared shape is live.' },
  RebuildDue: {
    docs: 'A rebuild is due that spec.rebuild.automaticFor leaves to people; status.rebuild.due says why, and what differs.',
    hint: 'Give spec.rebuild.revision a new value to build, whenever it suits.',
  },
  Building: { docs: 'The declared shape is not live yet; status.rebuild.request names the run that builds it.' },
  Connected: { docs: 'The engine answered and is what it was.' },
  Free: { docs: 'Nobody holds the alias.' },
  HeldByRequest: { docs: 'A ReindexRequest holds the alias; light runs skip until it ends.' },
  HeldOutside: { docs: 'A program outside this operator holds the alias; `reindeer status ALIAS` shows which.' },
  NotPaused: { docs: 'Nothing is paused.' },
  ReplicasUnassignable: {
    docs: 'The alias serves, but the engine has no node for some of the replicas.',
    hint: 'Lower index.replicas, or add nodes.',
  },
  Switched: { docs: 'The alias serves another version than before; the event says which.' },
  AlreadyLive: {
    docs: 'What the request asks for serves already: the version that a rollback names, or the one that a request of this name and spec built, before a sync tool or a backup made the object anew.',
    hint: 'Nothing was done; give another name, or spec.rebuild.revision of the IndexedRepo a new value, to build again.',
  },
} as const satisfies Record<string, ReasonFacts>;

const waiting = {
  Queued: {
    docs: 'Another run holds the alias or the cluster is at its limit of runs; status.queue of a request says behind whom. In condition Fresh: the next light run waits for a place of limits.lightRuns.',
    atShell:
      'Run the same command again when it has ended; `reindeer lock show ALIAS --watch 60` says whether it is alive.',
  },
  Pending: { docs: 'Seen, not looked at yet.' },
  PodPending: {
    docs: 'A Job of the run was made and none of its pods runs; the message has the words of scheduler, kubelet or quota. Meanwhile the run takes no place of limits; after five minutes it is Stalled.',
    hint: 'Repair what is named: a run whose pods are declared otherwise by then is made anew by itself.',
    troubles: true,
  },
  JobSuspended: {
    docs: 'The Job of the run is suspended, by a queue such as Kueue or by hand: it goes on when that lets it. Meanwhile the run takes no place of limits; by hand it is Stalled after five minutes.',
  },
  JobNotEnding: {
    docs: 'The Job of the run is over or being deleted and does not go; after five minutes it is Stalled.',
    hint: 'Its node may be away (`kubectl get node`), a finalizer may keep it or its pod, or a container that was put beside the worker goes on.',
    troubles: true,
  },
  NoLiveVersion: { docs: 'No version stands behind the alias yet; the first build makes one.' },
  SpecChanged: { docs: 'The declared shape or spec.worker.image is not what the live version was built with.' },
  WorkerChanged: {
    docs: 'The operator has another image than the one that built the live version, and cannot go on with what that one built. Unless spec.rebuild.automaticFor names WorkerChanged nothing is built for it by itself: it stands in status.rebuild.due with held, and the image of before goes on. A spec.worker.image that is declared otherwise is SpecChanged. Of a run: its Job has stood for five minutes, and another image was declared after the one of before had begun to fill the version, which one image fills: an IndexedRepo begins anew by itself, a request of somebody else is made again.',
    hint: 'Where it is held: spec.rebuild.revision with a new value builds with the new image; until then keep the old one in its registry.',
  },
  ShardsOutgrown: {
    docs: 'index.shards is absent, and each shard of the live version holds twice what one is sized for (5,000,000 documents, 10 GiB), or more: a rebuild would make more of them. Unless spec.rebuild.automaticFor names it nothing is built for it by itself.',
    hint: 'Give spec.rebuild.revision a new value when it suits.',
  },
  Scheduled: {
    docs: 'A slot of spec.rebuild.schedule has come. However many were missed, they are one rebuild; what a rollback left is not built by a slot either.',
  },
  RevisionChanged: { docs: 'spec.rebuild.revision asks for a rebuild.' },
  PausedBySpec: {
    docs: 'spec.paused is true: of an IndexedRepo nothing new starts, a ReindexRequest stands where it is, keeps its alias and gives its place of limits back.',
    hint: 'Set it to false to go on.',
  },
  AwaitingApproval: {
    docs: 'The run stands at the gate that status.gate names; what it built is verified and kept up to date meanwhile.',
    hint: '`reindeer approve NAME` adds the gate to spec.approved of the request, `reindeer abort NAME` sets spec.abort.',
  },
  ReadersLeft: {
    docs: 'Searches hold a version open that retention no longer wants (a scroll, a point in time): it is deleted once they end. After ten minutes the run ends all the same, and a later one deletes it.',
  },
  NoProgress: {
    docs: 'Nothing of the run moved for longer than spec.stallAfter: no step, no file. It goes on all the same.',
    hint: '`kubectl logs` of its pod says at what it is; spec.paused or spec.abort of the request stop it.',
    troubles: true,
  },
  CheckFailed: {
    docs: 'A check of the bake failed twice in a row, and spec.bake.onFailure is Pause; status.bakeChecks says which. The run stands still, with both versions kept up to date, until the check passes.',
    hint: 'Set spec.abort to go back to the version before, or delete the request to stay with the new one.',
    pauses: true,
    troubles: true,
  },
  Baking: {
    docs: 'The new version serves, and the version before is kept up to date until status.bakeUntil; spec.abort brings that back.',
  },
  ClusterPaused: { docs: 'The SearchCluster is paused: nothing new starts on it.' },
  RemoteUnreachable: {
    docs: 'The Git remote cannot be asked; it is tried again with a growing pause.',
    hint: 'Check URL, network, credentials and CA.',
    atShell: 'Check the URL and the network; then run the same command again.',
    troubles: true,
  },
  EngineUnavailable: {
    docs: 'The search engine does not answer; it is tried again with a growing pause.',
    atShell: 'Is Elasticsearch up, and is that its address (--endpoint)? The same command goes on where it was.',
    troubles: true,
  },
  EngineOverloaded: {
    docs: 'The search engine answers that it has too much to do; it is tried again with a growing pause.',
    hint: 'Lower limits of the SearchCluster, or give the engine more.',
    atShell: 'Elasticsearch has too much to do: run the same command again later, it goes on where it was.',
    troubles: true,
  },
  ShardUnavailable: {
    docs: 'No copy of a shard is active: the index is red.',
    hint: 'Bring the node that holds it back, or restore the index; then it goes on by itself.',
    atShell:
      'The index is red: bring the node back that holds the shard, or restore the index; then run the same command again.',
    troubles: true,
  },
  WritesBlocked: {
    docs: 'An index or the cluster is set to take no writes; the message says which, and by which block.',
    hint: 'Lift it (`index.blocks.write`, `index.blocks.read_only`, `cluster.blocks.read_only`); then it goes on by itself.',
    atShell:
      'Lift the block that the message names (index.blocks.write, index.blocks.read_only, cluster.blocks.read_only); then run the same command again.',
    troubles: true,
  },
  Unclear: {
    pauses: true,
    docs: 'A check of the new version neither passed nor failed: the engine was too slow, or some shards did not answer. status.verification says which, in a bake status.bakeChecks; what is unclear is asked again every 15 seconds.',
    hint: '`reindeer approve NAME` adds Unclear to spec.approved: the run goes on all the same; what fails then still ends it. Else bring the engine back to health.',
  },
  OperatorSettling: {
    docs: 'The operator took over from one that did not give its Lease back: for two looks at the settings index (`aliasLookSeconds`) it deletes and takes over nothing, so that another one which still works is noticed. Goes on by itself.',
  },
  KubernetesUnavailable: {
    docs: 'The Kubernetes API server does not answer or is overloaded; it is tried again with a growing pause.',
    troubles: true,
  },
} as const satisfies Record<string, ReasonFacts>;

const needsHuman = {
  InvalidSpec: {
    docs: 'The stored spec does not fit the schema of this operator: another release wrote it.',
    hint: 'Update the operator, or apply the object again.',
    lasts: true,
  },
  OperatorTwin: {
    docs: 'Another operator that takes itself for this one works on the same engine: an etcd was copied, or restored beside the old one. Nothing is deleted or taken over on either side.',
    hint: 'Name the one that stays with `reindeer operator keep ID` (docs/backup-restore.md).',
    lasts: true,
  },
  AliasIsIndex: {
    docs: 'The alias names a concrete index, or a data stream.',
    hint: 'Rename or delete that index, or choose another alias.',
    lasts: true,
    atShell: 'Rename or delete that index, or choose another alias: REPOSITORY:ALIAS.',
  },
  AliasOwnedElsewhere: {
    docs: 'Another IndexedRepo, requests of a namespace that copied it, or an outside program own this alias on this cluster. Of a copy also: another alias of the same index has an owner of its own.',
    hint: 'Choose another alias or delete the other owner; one that is gone for good is let go with `reindeer lock release-owner`.',
    lasts: true,
    endsRun: true,
    atShell: 'Choose another alias: REPOSITORY:ALIAS.',
  },
  AliasAmbiguous: {
    docs: 'The alias resolves to indices that Reindeer did not make. Of a copy: to several indices, or to a data stream.',
    hint: 'Remove them from the alias; a copy takes over an alias of one index.',
    lasts: true,
    atShell: 'Take the alias off those indices, or choose another alias: REPOSITORY:ALIAS.',
  },
  AdoptionNeeded: {
    docs: 'The alias serves an index that no run of this namespace has taken over, and the request does not say that it may.',
    hint: 'A new request with spec.adopt, if this namespace is to switch that alias from now on.',
    lasts: true,
    endsRun: true,
  },
  VersionDomain: {
    docs: 'The alias serves what was built from Git: its documents carry versions that must not be mixed with those of a copy.',
    hint: 'Have the IndexedRepo build a new version: strategy Rebuild.',
    lasts: true,
    endsRun: true,
  },
  LockSilent: {
    docs: 'The holder of the alias has not renewed its lease, and that is over: a program outside, another operator, or a run whose request is gone. No light run starts meanwhile; the next heavy run takes the alias over by itself.',
    hint: '`reindeer lock show ALIAS --watch 60` says whether it is alive, `reindeer lock break ALIAS --reason TEXT` takes the alias away from it.',
    troubles: true,
  },
  InvalidSchedule: { docs: 'A schedule cannot be read or never comes due.', lasts: true },
  InvalidTimeZone: { docs: 'The time zone is not an IANA name that this operator knows.', lasts: true },
  SecretNotFound: {
    docs: 'A Secret that the object names is missing, or lacks the key that is needed.',
    lasts: true,
    losesEngine: true,
  },
  InvalidSecret: {
    docs: 'A Secret was found but what is in it cannot be used.',
    lasts: true,
    atShell: 'What a variable or file holds cannot be used as it is; the message says which.',
  },
  HostKeyMissing: {
    docs: 'An SSH remote needs known_hosts in its Secret: there is no trust on first use.',
    lasts: true,
  },
  HostKeyMismatch: {
    docs: 'The SSH host shows another key than known_hosts holds for it: its key was changed, or somebody is in between.',
    hint: 'Compare, then update known_hosts.',
    lasts: true,
  },
  AuthenticationFailed: {
    docs: 'The remote refused the credentials.',
    hint: 'Check the Secret.',
    lasts: true,
    doubtsCredentials: true,
    exitCode: exitCodes.denied,
    ofExitCode: true,
    atShell:
      'The engine takes SEARCH_USERNAME and SEARCH_PASSWORD, Git takes REINDEER_GIT_USERNAME and REINDEER_GIT_PASSWORD, or REINDEER_GIT_TOKEN.',
  },
  UnknownCA: {
    docs: 'The server certificate is not signed by a CA that is known here.',
    hint: 'Give the CA with ca.crt.',
    lasts: true,
    doubtsCredentials: true,
    atShell: 'Name the file of the CA: --ca for Elasticsearch, --git-ca for the Git server.',
  },
  RepositoryNotFound: {
    docs: 'The Git host answers but has no such repository, or hides it from these credentials.',
    lasts: true,
    exitCode: exitCodes.refGone,
    atShell: 'Check the URL; a host may hide a repository from these credentials.',
  },
  HostNotAllowed: {
    docs: 'The Git host is not on the operator setting git.allowedHosts, or resolves to a private address without being listed.',
    lasts: true,
  },
  RefNotFound: {
    docs: 'The repository has no such branch, tag or commit.',
    lasts: true,
    exitCode: exitCodes.refGone,
    ofExitCode: true,
    atShell: 'Give a branch, a tag or a full commit with --branch; without it HEAD is taken.',
  },
  RefAmbiguous: {
    docs: 'A branch and a tag have this name.',
    hint: 'Write refs/heads/NAME or refs/tags/NAME.',
    lasts: true,
    atShell: 'Write refs/heads/NAME or refs/tags/NAME.',
  },
  EmptyRepository: { docs: 'The repository has no commit yet.', lasts: true, exitCode: exitCodes.refGone },
  RepositoryIncomplete: {
    docs: 'The repository lacks content of the commit: it is a partial clone, or damaged.',
    hint: '`git fetch --refetch` brings what is missing; `git fsck` says what is damaged.',
    lasts: true,
    atShell:
      'A partial clone gets the rest with `git fetch --refetch`; `git fsck` says whether the repository is damaged.',
  },
  NothingSelected: {
    docs: 'No file is left to index, or nearly everything would be deleted.',
    hint: 'Check include, exclude and .indexerignore; if it is meant, ask for a rebuild.',
    lasts: true,
    atShell: 'Look at --path and at .indexerignore; if it is meant, --clean builds a new version beside the live one.',
  },
  RepositoryTooLarge: {
    docs: 'The repository does not fit: more paths than a tree of people has, more refs than are read, or more bytes than the pod may keep on disk.',
    hint: 'Raise ephemeral-storage in light or heavy resources, or index a part with include.',
    lasts: true,
    hopeless: true,
    atShell: 'Index a part of it with --path.',
  },
  NotEnoughDisk: {
    docs: 'The nodes of the engine have not the room that a new version takes at its peak, below their high watermarks; status.preflight has both figures. Nothing was made.',
    hint: 'Free space or add nodes, or lower index.replicas.',
    atShell: 'Free disk space on the nodes of the engine; then run the same command again.',
    lasts: true,
  },
  TooManyShards: {
    docs: 'The cluster would have more copies of shards than `cluster.max_shards_per_node` allows with a new version. Nothing was made.',
    hint: 'Delete indices, lower index.shards or index.replicas, or raise the limit.',
    atShell: 'Delete indices, or raise cluster.max_shards_per_node; then run the same command again.',
    lasts: true,
  },
  TemplateMatches: {
    docs: 'An index template of the engine would make something else of a new version than what is declared; the message says what it adds. Nothing was made.',
    hint: 'Leave ALIAS-v* out of its patterns, or give those names a composable template of a higher priority that adds nothing.',
    atShell:
      'Leave ALIAS-v* out of its patterns, or give those names a composable template of a higher priority that adds nothing.',
    lasts: true,
  },
  MissingPrivilege: {
    docs: 'The credentials lack a privilege that a run needs; the message says which, and on what. Nothing was made.',
    hint: 'Give the user of the engine what docs/engine-users.md lists.',
    atShell: 'Give the user of the engine what docs/engine-users.md lists.',
    lasts: true,
  },
  NoBuildZone: {
    docs: 'build.placement is BuildZone, and the SearchCluster declares no zones, or no node that takes shards has the value of the build zone, or that of a serving one. Nothing was made; a run whose zone is gone in the middle waits for a node of it.',
    hint: 'Declare spec.zones of the SearchCluster, or start a node with that `node.attr`; without build.placement a version is built anywhere.',
    lasts: true,
  },
  BuildZoneLost: {
    docs: 'Shards of the version that is built have no node any more: it has no replicas while it is built. They are waited for; then that version is given up and built again under a new number, three times at most. What serves is not touched.',
    hint: 'Bring the node of the build zone back; the message says until when it is waited for.',
    troubles: true,
  },
  BuildZoneShared: {
    docs: 'Indices of others have shards on the nodes of the build zone: a build takes from what they have, and they from it. The run goes on.',
    hint: 'Keep them off with index.routing.allocation.exclude, or with a filter of the cluster; status.buildZone names them.',
    troubles: true,
  },
  MappingRejected: {
    docs: 'The engine refused the mappings, or they remove a field that the worker needs.',
    lasts: true,
    endsRun: true,
    hopeless: true,
    atShell: 'Does an index template match the name of the index? The message has the words of Elasticsearch.',
  },
  SettingsRejected: {
    docs: 'index.settings names a setting that is not on the allow list, or the engine refused its value.',
    lasts: true,
    endsRun: true,
    hopeless: true,
    atShell: 'Does an index template match the name of the index? The message has the words of Elasticsearch.',
  },
  NotASearchEngine: {
    docs: 'The endpoint answers, but not as Elasticsearch or OpenSearch.',
    lasts: true,
    doubtsCredentials: true,
    atShell: 'Does the endpoint lead to Elasticsearch or OpenSearch, without a login page or another server before it?',
  },
  OtherEngine: {
    docs: 'The endpoint answers as another engine than spec.engine of the SearchCluster declares. Nothing is written.',
    hint: 'Name the right endpoint, or set spec.engine to the engine that answers or to Auto.',
    lasts: true,
  },
  EngineNotSupported: {
    docs: 'The engine is of a release that Reindeer does not speak with: Elasticsearch 8.x and 9.x, OpenSearch 2.12 and later, and 3.x are.',
    hint: 'Upgrade the engine.',
    lasts: true,
    atShell: 'Upgrade the engine: Elasticsearch 8.x and 9.x, OpenSearch 2.12 and later, and 3.x are spoken with.',
  },
  ClusterChanged: {
    docs: 'Another cluster answers behind the endpoint.',
    hint: 'Nothing is written until spec.clusterUUID names it.',
    lasts: true,
  },
  SettingsNewer: {
    docs: 'A later release wrote into the settings index: its records may say what this one does not understand.',
    hint: 'Nothing is written until that release, or one after it, is installed again.',
    lasts: true,
  },
  InUse: {
    docs: 'The SearchCluster is being deleted, and IndexedRepos or unfinished requests still name it: it stays until none does.',
    hint: 'A deletion cannot be taken back: delete those IndexedRepos (with deletionPolicy Retain their aliases go on serving) and abort those requests, then declare both anew.',
    lasts: true,
  },
  ClusterNotFound: {
    docs: 'The SearchCluster that clusterRef names does not exist in this namespace.',
    lasts: true,
    losesEngine: true,
  },
  ClusterNotReady: { docs: 'The SearchCluster is not Ready; its own conditions say why.', troubles: true },
  TargetNotFound: {
    docs: 'The IndexedRepo that target.repoRef names, or the SearchCluster that target.clusterRef names, does not exist in this namespace, or is being deleted. One that is not there yet is waited for, five minutes from the creation of the request. Also: the cluster has no alias of the name target.alias.',
  },
  HeldBack: {
    docs: 'A rollback left the declared shape: it is not built again by itself.',
    hint: 'Change spec.index or spec.worker.image, or give spec.rebuild.revision a new value, to build again; no other edit does.',
    lasts: true,
  },
  FullReindexNeeded: {
    docs: 'The worker cannot bring the live version up to date, although an image of the same name built it: what this name stands for was changed.',
    hint: 'Give spec.rebuild.revision a new value to build a new version.',
    lasts: true,
    exitCode: exitCodes.fullReindexNeeded,
    ofExitCode: true,
  },
  RetriesExhausted: {
    docs: 'The rebuild failed as often as rebuild.retries allows.',
    hint: 'Change the spec or rebuild.revision to try again.',
    lasts: true,
  },
  Drifted: {
    docs: 'Somebody changed the alias or deleted an index by hand.',
    hint: 'Nothing is fought: put it back, or rebuild with rebuild.revision.',
    lasts: true,
    endsRun: true,
    atShell: 'Put back what was changed by hand, or build a new version with --clean.',
  },
  DiskFull: {
    docs: 'The engine blocks writes because a disk is full, or `index.blocks.read_only_allow_delete` was set by hand.',
    hint: 'Free space, or lift the block; the run goes on by itself.',
    atShell:
      'Free disk space, or lift index.blocks.read_only_allow_delete where it was set by hand; then run the same command again.',
    troubles: true,
  },
  RequestTooLarge: {
    docs: 'The engine, or a proxy before it, does not take a request that large.',
    hint: 'Raise `http.max_content_length`, or the limit of the proxy, to 8 MB or more.',
    lasts: true,
    atShell: 'Raise http.max_content_length of Elasticsearch, or the limit of the proxy before it, to 8 MB or more.',
  },
  VersionSpaceExhausted: {
    docs: 'A copy numbers its documents by the number of the version, and by primary term and sequence number of the source; one of them is larger than that has room for: 4,095, 16,383 and 68,719,476,735. Nothing was switched.',
    hint: 'The message says which. A reindex of the source by the engine itself begins all but the first anew.',
    lasts: true,
    endsRun: true,
    hopeless: true,
  },
  ExternalVersions: {
    docs: 'Documents of the index that was to be copied carry versions that an application gives (version_type external). A copy gives them versions of its own, above which that application could not write any more. What was made is removed, and nothing was switched.',
    hint: 'The message names a document. Such an alias cannot be copied yet; write into a new index beside the live one instead.',
    lasts: true,
    endsRun: true,
    hopeless: true,
  },
  RequestRefused: {
    docs: 'The engine, or the Kubernetes API server, refused a request of this program for what it says; the message holds its words. It is tried again every 20 s.',
    hint: 'Most often the mapping or the settings of an index were changed by hand, the engine is of another kind or version, or something stands before the API server.',
    lasts: true,
    atShell: 'Were the mapping or the settings of an index changed by hand? A new version is built with --clean.',
  },
  ManifestRejected: {
    docs: 'The API server, or an admission policy, calls an object invalid that follows from this spec, for instance its pod resources; the message says what. It is tried again with a pause, and as the spec is by then.',
    hint: 'Change the spec, or the policy.',
    lasts: true,
  },
  KubernetesDenied: {
    docs: 'The Kubernetes API server refuses the credentials, or the Role lacks a verb.',
    hint: 'The message says who refuses: a quota is raised or a policy changed; otherwise compare the Role with the chart.',
    lasts: true,
  },
} as const satisfies Record<string, ReasonFacts>;

const ended = {
  WorkerFailed: { docs: 'The Job of this run failed; the message holds what the worker said last.' },
  DocumentsRejected: {
    docs: 'The engine refused documents, most often for a mapping that was changed by hand or by index.mappings; the message names a file and says why.',
    hint: 'Mend the mapping, or build a new version.',
    atShell: 'Was the mapping changed by hand? A new version is built with --clean.',
  },
  VerificationFailed: {
    docs: 'The index does not hold what the commit holds, or a copy not what the live index holds. A run ends there, before its version serves; a light run leaves the version marked, and the next one compares and mends all of it.',
    exitCode: exitCodes.verificationFailed,
    ofExitCode: true,
    atShell:
      'Somebody else may be writing into the index. The next run compares and mends all of it; --clean builds a new version.',
  },
  CutOverDidNotFit: {
    docs: 'From the write block to the switch a copy needed longer than spec.copy.blockWritesAtMost, as often as it tried; the message says how many seconds. Each time the block was lifted again; what serves was not changed.',
    hint: 'Raise spec.copy.blockWritesAtMost, or run it when fewer writes arrive.',
    hopeless: true,
  },
  CopyRefused: {
    docs: 'The live index has something that a copy of it would lose, such as a _source that is not kept whole or a policy that manages it; the message names all of it. Nothing was made.',
    hint: 'Change what is named, then apply a new request.',
    endsRun: true,
    hopeless: true,
  },
  DeadLetters: {
    docs: 'The engine refused documents of the live index for the new one, most often because they do not fit a field that copy.index declares otherwise; the message says how many. Nothing was switched.',
    hint: '`kubectl logs` of the pod names some of them. Declare a field that takes them, or mend the documents; then apply a new request.',
  },
  QueryRejected: {
    docs: 'The engine refuses a query of spec.verify; the message has its name and the words of the engine. Nothing was switched.',
    hint: 'Mend its body: that is what stands under "query" in a search, and it names fields of the new version.',
    endsRun: true,
    hopeless: true,
  },
  DeadlineExceeded: { docs: 'The run took longer than its deadline.' },
  LockLost: {
    docs: 'Another holder took the alias over while this run was at work.',
    exitCode: exitCodes.lockLost,
    ofExitCode: true,
    atShell: 'Another run took over; `reindeer lock show ALIAS` says which.',
  },
  LockBroken: {
    docs: 'Somebody took the alias away from this run with `reindeer lock break`; the message says who and why.',
    hint: 'A run that the operator made is tried again: pause the IndexedRepo to prevent that.',
  },
  Aborted: {
    docs: 'spec.abort was set before the switch: what the run made is removed. One that the operator made is not made again before the spec or the revision changes, or the next slot of spec.rebuild.schedule comes.',
    hopeless: true,
    phases: { meanwhile: 'Aborting', atEnd: 'Aborted' },
  },
  RolledBack: {
    docs: 'The new version served and the version before serves again, by spec.abort in the bake, also where the alias was moved back by hand; the message says why. What was left is kept as a retired version, and its shape is held back.',
    hopeless: true,
    phases: { meanwhile: 'RollingBack', atEnd: 'RolledBack' },
  },
  Busy: {
    docs: 'Another run held the alias, or the cluster was at its limit, and spec.whenBusy is Fail; the message says who.',
  },
  Superseded: {
    docs: 'Another run of the same alias went before this one: a rollback, for which a rebuild was aborted, or a switch to another version than the one that a light run wrote into. Nothing of it is left.',
  },
  VersionNotFound: {
    docs: 'There is no retired version to return to, or not the one that was named; status.retired of the IndexedRepo lists them. Without rollback.toVersion a rollback never goes to a version newer than the live one, nor to the shape that is held back.',
  },
  TargetDeleted: {
    docs: 'The IndexedRepo, or the SearchCluster of a bare alias, was deleted while the run was at work.',
  },
  RunFailed: { docs: 'The last light run failed; status.light.last says why. It is tried again with a growing pause.' },
  Deleting: { docs: 'The object is being deleted and its versions are cleaned up as deletionPolicy says.' },
  Unexpected: {
    docs: 'An error that nobody foresaw; the operator log has its stack. It is tried again.',
    endsRun: true,
  },
} as const satisfies Record<string, ReasonFacts>;

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

const table = { ...well, ...waiting, ...needsHuman, ...ended } as const;

export type Reason = keyof typeof table;

/** Every reason with what it means; `docs/reasons.md` is made from this table. */
export const reasons: Readonly<Record<Reason, ReasonFacts>> = table;

/** Own entries only: a worker may say `constructor`, which every object has. */
export function isReason(word: string): word is Reason {
  return Object.hasOwn(reasons, word);
}

/** What it means, and what to do about it. */
export function meaningOf(reason: Reason): string {
  const { docs, hint = '' } = reasons[reason];
  return `${docs} ${hint}`.trim();
}

/** What a reason means; nothing for a word of another release, which an object or a record may still carry. */
export function factsOf(word: string): Partial<ReasonFacts> {
  return isReason(word) ? reasons[word] : {};
}

/** Something is in the way that is not of the object's own making; also for a word of another release. */
export function isTrouble(word: string): boolean {
  const { lasts, troubles } = factsOf(word);
  return lasts === true || troubles === true;
}

/** Reasons with that property, in the order of the table. */
export function reasonsThat(property: keyof ReasonFacts): readonly Reason[] {
  // The keys of the table are exactly its type's.
  return (Object.keys(reasons) as Reason[]).filter(reason => reasons[reason][property] !== undefined);
}
