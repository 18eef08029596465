import type { AliasMember, AliasProperties } from '../domain/alias-member.ts';
import type { IndexBody } from '../domain/index-body.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Views } from './view-port.ts';

/**
 * What Reindeer asks of a search engine, in small ports named by role. Adapters hold only the differences between
 * engines. Expected outcomes (exists, missing, conflict) are returned; everything else is thrown as one of
 * `domain/errors.ts`: unreachable, 429, 5xx -> RetryableError(EngineUnavailable, EngineOverloaded or
 * ShardUnavailable); cluster_block_exception -> RetryableError(DiskFull or WritesBlocked); 401/403 ->
 * TerminalError(AuthenticationFailed); 413 -> TerminalError(RequestTooLarge);
 * unknown certificate -> TerminalError(UnknownCA); 400 on create -> TerminalError(MappingRejected|SettingsRejected).
 */
export interface Engine {
  readonly indices: Indices;
  readonly aliases: Aliases;
  readonly documents: Documents;
  readonly views: Views;
  readonly cluster: Cluster;
  /**
   * Throws TerminalError: NotASearchEngine for a server that is neither engine, OtherEngine for one that was not declared,
   * EngineNotSupported for a release that is not spoken with.
   */
  info(): Promise<EngineInfo>;
  /**
   * The same engine for work that must end in time: `leftMs` is asked before each call, which is not sent once nothing is
   * left (RetryableError) and waits no longer for its answer than that (LostReplyError: it may still be carried out).
   */
  within(leftMs: () => number): Engine;
  close(): Promise<void>;
}

export type EngineType = 'Elasticsearch' | 'OpenSearch';

/** Which engine is said to be there; `Auto` = whichever answers. */
export type DeclaredEngine = 'Auto' | EngineType;

export type EngineInfo = {
  readonly type: EngineType;
  readonly version: string;
  /** The cluster's uuid: a different one behind the same URL is another cluster. */
  readonly uuid: string;
};

export type IndexDescription = {
  readonly name: string;
  readonly aliases: Readonly<Record<string, AliasProperties>>;
  readonly mappings: JsonObject;
  /** Flat, as `flat_settings=true` gives them: `index.number_of_shards` -> "1". */
  readonly settings: Readonly<Record<string, string>>;
  /** `mappings._meta`; ours carries {@link IndexMeta}. */
  readonly meta: JsonObject;
};

export type IndexHealth = {
  readonly status: 'green' | 'yellow' | 'red';
  readonly activeShards: number;
  readonly unassignedShards: number;
  readonly initializingShards: number;
  readonly relocatingShards: number;
};

/** What the primary shards of an index hold that searches find, by their segments: the log of writes does not count. */
export type IndexSize = {
  /** Less the share of deleted documents: a few percent more or less for the same documents, whenever it is asked. */
  readonly bytes: number;
  /** The largest segment of each shard, summed: as much stands there twice while that one is made. */
  readonly largestBytes: number;
};

/** One copy of a shard, and where it lies. */
export type ShardCopy = {
  readonly index: string;
  /** From 0. */ readonly shard: number;
  readonly primary: boolean;
  /** RELOCATING: active, and on its way to another node. */
  readonly state: 'UNASSIGNED' | 'INITIALIZING' | 'STARTED' | 'RELOCATING';
  /** Id of the node that it lies on. */ readonly node: string | undefined;
};

/** A block that refuses writes, in the engine's words. */
export type WriteBlock = {
  readonly description: string;
  /** One that the engine sets, and lifts, by the space on its disks. */
  readonly byDisk: boolean;
  /** One that `blockWrites` sets, from its first moment on, and whoever sets `index.blocks.write` by hand. */
  readonly byRequest: boolean;
};

export interface Indices {
  /** Sends full settings, so that no template decides; `wait_for_active_shards=1`. */
  create(name: string, body: IndexBody): Promise<'created' | 'exists'>;
  delete(name: string): Promise<'deleted' | 'missing'>;
  /**
   * All indices that match an expression without wildcards expanded to aliases; hidden ones included; [] if none. Throws for
   * one that is named and that the credentials may not see; a pattern leaves such out.
   */
  describe(pattern: string): Promise<readonly IndexDescription[]>;
  putSettings(name: string, settings: JsonObject): Promise<void>;
  /** Adds fields, and replaces `_meta` whole; a field that is there already must be the same. */
  putMapping(name: string, mappings: JsonObject): Promise<void>;
  /** Replaces `mappings._meta` whole. */
  putMeta(name: string, meta: JsonObject): Promise<void>;
  /** Answers how many copies of its shards did it, all that are assigned; throws RetryableError if one of them failed. */
  refresh(name: string): Promise<number>;
  /** Exact count; refresh first if it must include what was just written. */
  count(name: string, query?: JsonObject): Promise<number>;
  size(name: string): Promise<IndexSize>;
  /** Searches that hold a view of these indices open on any copy: scrolls, points in time, and those under way. */
  openReaders(names: readonly string[]): Promise<number>;
  /** Every copy of their shards, in order, those without a node included; none of an index that is not there. Only reads. */
  shards(names: readonly string[]): Promise<readonly ShardCopy[]>;
  /** Of all shards of these indices together. */
  health(names: readonly string[]): Promise<IndexHealth>;
  /**
   * The drain barrier: returns only after writes in flight have finished (`PUT {index}/_block/write`). `already` = the
   * block stood there before: only writes that were in flight when it was set have finished for certain. Reaches the
   * indices behind an alias, as `unblockWrites` does; `gone` = no index or alias has that name, and nothing was changed.
   */
  blockWrites(name: string): Promise<'blocked' | 'already' | 'gone'>;
  unblockWrites(name: string): Promise<'lifted' | 'gone'>;
  /** What refuses writes to this index: blocks of its own and of the whole cluster; [] = nothing does. Only reads. */
  writeBlocks(name: string): Promise<readonly WriteBlock[]>;
}

export type AliasAction =
  | { readonly add: { readonly index: string; readonly alias: string } & AliasProperties }
  | { readonly remove: { readonly index: string; readonly alias: string; readonly must_exist: true } };

/** What a name stands for, and what is behind it if that is an alias; members sorted by index. */
export type NameSeen = { readonly is: 'alias' | 'index' | 'none'; readonly members: readonly AliasMember[] };

export interface Aliases {
  /** What stands behind the alias now, sorted by index; [] when there is no such alias. */
  members(alias: string): Promise<readonly AliasMember[]>;
  kindOf(name: string): Promise<'alias' | 'index' | 'none'>;
  /** What each of these names stands for, in their order, in one request however many they are. A data stream is `none` here. */
  seen(names: readonly string[]): Promise<readonly NameSeen[]>;
  /**
   * One `_aliases` call: whole or nothing. `refused` = an expected member was not there (404). `unconfirmed` =
   * `acknowledged: false` or a lost reply: read, do not redo.
   */
  update(actions: readonly AliasAction[]): Promise<'applied' | 'refused' | 'unconfirmed'>;
}

/** Where a document stands, for compare-and-set. */
export type Stand = { readonly seqNo: number; readonly primaryTerm: number };

export type Stored<T> = { readonly id: string; readonly source: T; readonly stand: Stand };

export type BulkItem = {
  readonly id: string;
  readonly op: 'index' | 'delete';
  readonly status: number;
  readonly errorType?: string;
  readonly errorReason?: string;
};

export type BulkReply = { readonly tookMs: number; readonly items: readonly BulkItem[] };

export type Hit = {
  readonly id: string;
  readonly index: string;
  readonly score: number | null;
  readonly version?: number;
  readonly source: JsonObject;
  readonly sort?: readonly unknown[];
  readonly highlight?: Readonly<Record<string, readonly string[]>>;
};

export type SearchReply = {
  /** Milliseconds by the engine's own clock. */
  readonly tookMs: number;
  /** A time limit of the search was reached: it looked at some of the documents only. */
  readonly timedOut: boolean;
  readonly total: number;
  /** False: the engine stopped counting there, because the body says so. */
  readonly totalIsExact: boolean;
  readonly hits: readonly Hit[];
  readonly aggregations: JsonObject;
  readonly failedShards: number;
};

export type SearchOptions = {
  /** By the statistics of all shards together: scores of indices that are cut otherwise can be compared. Default: of each shard. */
  readonly scoring?: 'Global';
};

export interface Documents {
  /** Realtime get by id. */
  get<T>(index: string, id: string): Promise<Stored<T> | undefined>;
  /** The same for several in one request, in their order; of each only these fields of the top, if they are named. */
  getAll<T>(
    index: string,
    ids: readonly string[],
    fields?: readonly string[],
  ): Promise<readonly (Stored<T> | undefined)[]>;
  create(index: string, id: string, source: object): Promise<Stand | 'exists'>;
  /** Compare-and-set on sequence number and primary term. */
  replace(index: string, id: string, source: object, expected: Stand): Promise<Stand | 'conflict'>;
  /** Sends NDJSON as it is. A whole-request failure is thrown; item failures are returned, in order. */
  bulk(ndjson: Uint8Array, options: { readonly target: string; readonly requireAlias: boolean }): Promise<BulkReply>;
  search(index: string, body: JsonObject, options?: SearchOptions): Promise<SearchReply>;
}

/** Free bytes below which a disk is past a watermark; 0 = the engine does not look at that one. */
export type Watermarks = { readonly lowBytes: number; readonly highBytes: number; readonly floodBytes: number };

export type ClusterNode = {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
  /** Shards of an index that is made now may be put there. */
  readonly takesShards: boolean;
  /** What `node.attr` declares: zone -> "zone-a". */
  readonly attributes: Readonly<Record<string, string>>;
  /** `host:port` where it speaks HTTP; undefined = it does not. */
  readonly http: string | undefined;
  /** Of all its data paths together; undefined = it did not say. */
  readonly disk: { readonly totalBytes: number; readonly freeBytes: number } | undefined;
  readonly watermarks: Watermarks;
  /** Copies of shards that it holds. */
  readonly shards: number;
  /** Its clock when it answered, in ms since 1970; undefined = it did not say. */
  readonly clockMs: number | undefined;
};

export type Capacity = {
  /** Sorted by name. */
  readonly nodes: readonly ClusterNode[];
  /** Copies of shards of open indices, placed or not, and how many of them the cluster takes. */
  readonly shards: { readonly open: number; readonly most: number };
  /** `action.auto_create_index`: "true", "false", or patterns of names. */
  readonly autoCreate: string;
};

/** A template as far as it shapes an index. */
export type IndexTemplate = {
  readonly name: string;
  /** Of the composable ones the first by priority applies alone; of the legacy ones all do where no composable one matches. */
  readonly kind: 'composable' | 'legacy';
  /** What matches it becomes a data stream: no index can be created by such a name. */
  readonly forDataStreams: boolean;
  /** Flat, all with `index.` before them. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly mappings: JsonObject;
  /** Names. */
  readonly aliases: readonly string[];
};

/** Privileges by the names that the engine gives them. */
export type Privileges = {
  readonly cluster: readonly string[];
  readonly indices: readonly { readonly names: readonly string[]; readonly privileges: readonly string[] }[];
};

/** A privilege, and the index that it is about; '' = the cluster. */
export type LackedPrivilege = { readonly privilege: string; readonly index: string };

/** What a cluster says of itself as a whole. Only reads; the privilege `monitor` is enough for all of it. */
export interface Cluster {
  capacity(): Promise<Capacity>;
  /** Names of the indices that have shards on one of these nodes, named by their ids, or are about to; sorted. */
  indicesOn(nodeIds: readonly string[]): Promise<readonly string[]>;
  /** Those that shape an index which is created by this name; undefined = these credentials may not ask. */
  templatesFor(index: string): Promise<readonly IndexTemplate[] | undefined>;
  /** Which of these the credentials are without; undefined = an engine that has no users, or none that can be asked. */
  lacking(wanted: Privileges): Promise<readonly LackedPrivilege[] | undefined>;
  /**
   * Returns when the master has done what had reached it before of changes to aliases, blocks and settings. RetryableError
   * when it does not come to that in time.
   */
  awaitChanges(): Promise<void>;
}
