import type { AliasMember, AliasProperties } from '../../../src/domain/alias-member.ts';
import { ConflictError, RetryableError } from '../../../src/domain/errors.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import type {
  AliasAction,
  BulkItem,
  Engine,
  IndexDescription,
  ShardCopy,
  Stand,
  Stored,
} from '../../../src/engine/port.ts';
import { matchesPattern } from '../../../src/domain/name-pattern.ts';
import { FakeAllocation } from './fake-allocation.ts';
import { aClusterNode, fakeCluster } from './fake-cluster.ts';
import { FakeIndex, writesIn, type FakeWrite, type FakeWritten } from './fake-index.ts';
import { fakeViews } from './fake-views.ts';
import { aggregated, type Candidate, matches, page } from './fake-query.ts';
import { limitedEngine } from './faulty-engine.ts';
import { aTurn } from './turns.ts';

export type FakeEngineOptions = {
  readonly uuid?: string;
  readonly version?: string;
  /** Its nodes and where shards lie; one node, unless it is given. */
  readonly allocation?: FakeAllocation;
};

/**
 * An engine in memory that passes the same contract suites as the real one. Each call is atomic and takes at least one
 * turn of the event loop, so that contenders interleave between calls as they do over a network. Never creates an
 * index by itself.
 */
export function fakeEngine(options: FakeEngineOptions = {}): Engine {
  const world = new Map<string, FakeIndex>();
  const { uuid = 'fake-cluster-uuid', version = '8.19.0' } = options;
  const allocation = options.allocation ?? new FakeAllocation([aClusterNode()]);
  const engine: Engine = {
    info: later(() => ({ type: 'Elasticsearch' as const, version, uuid })),
    within: leftMs => limitedEngine(engine, leftMs),
    close: later(() => undefined),
    indices: indicesOf(world, allocation),
    aliases: aliasesOf(world),
    documents: documentsOf(world),
    views: viewsOf(world),
    cluster: clusterOf(world, allocation),
  };
  return engine;
}

type World = Map<string, FakeIndex>;

/** Runs as a whole, one turn of the event loop later. */
function later<A extends readonly unknown[], R>(act: (...args: A) => R): (...args: A) => Promise<R> {
  return async (...args) => {
    await aTurn();
    return act(...args);
  };
}

function indexNamed(world: World, name: string): FakeIndex {
  const index = world.get(name);
  if (index === undefined) throw new ConflictError(`no such index [${name}]`);
  return index;
}

function indicesOf(world: World, allocation: FakeAllocation): Engine['indices'] {
  const shards = (names: readonly string[]): readonly ShardCopy[] =>
    allocation.shards(described(world)).filter(({ index }) => names.includes(index));
  /** Shards are put where they belong at once: what happens to a node later finds them there. */
  const allot = (): void => void allocation.shards(described(world));
  return {
    create: later((name, body) => {
      if (world.has(name)) return 'exists';
      world.set(name, new FakeIndex(name, body));
      allot();
      return 'created';
    }),
    delete: later(name => (world.delete(name) ? 'deleted' : 'missing')),
    describe: later(pattern => described(world).filter(index => matchesPattern(index.name, pattern))),
    putSettings: later((name, settings) => {
      indexNamed(world, name).putSettings(settings);
      allot();
    }),
    putMapping: later((name, mappings) => indexNamed(world, name).putMapping(mappings)),
    putMeta: later((name, meta) => indexNamed(world, name).putMeta(meta)),
    refresh: later(name => {
      const refreshed = behind(world, name);
      for (const index of refreshed) index.refresh();
      return refreshed.reduce((copies, index) => copies + index.primaryTerms().length, 0);
    }),
    count: later((name, query) => found(world, name, query).length),
    size: later(name => {
      const bytes = JSON.stringify(
        indexNamed(world, name)
          .visible()
          .map(({ id, source }) => ({ id, source })),
      ).length;
      return { bytes, largestBytes: bytes };
    }),
    openReaders: later(() => 0),
    shards: later(shards),
    health: later(names => {
      const copies = shards(names.map(name => indexNamed(world, name).name));
      const missing = copies.filter(({ state }) => state === 'UNASSIGNED');
      const status = missing.length === 0 ? 'green' : missing.some(({ primary }) => primary) ? 'red' : 'yellow';
      const activeShards = copies.length - missing.length;
      return {
        ...{ status, activeShards, unassignedShards: missing.length },
        ...{ initializingShards: 0, relocatingShards: 0 },
      };
    }),
    blockWrites: later(name => {
      const open = anyBehind(world, name)?.filter(index => !isBlocked(index));
      for (const index of open ?? []) index.putSettings({ 'index.blocks.write': true });
      if (open === undefined) return 'gone';
      return open.length === 0 ? 'already' : 'blocked';
    }),
    unblockWrites: later(name => {
      const reachedIndices = anyBehind(world, name);
      for (const index of reachedIndices ?? []) index.putSettings({ 'index.blocks.write': null });
      return reachedIndices === undefined ? 'gone' : 'lifted';
    }),
    writeBlocks: later(name => {
      const index = world.get(name);
      const block = { description: 'index write (api)', byDisk: false, byRequest: true };
      return index !== undefined && isBlocked(index) ? [block] : [];
    }),
  };
}

function isBlocked(index: FakeIndex): boolean {
  return index.describe().settings['index.blocks.write'] === 'true';
}

/** The indices that a name reaches; undefined when nothing has it. */
function anyBehind(world: World, name: string): readonly FakeIndex[] | undefined {
  const isThere = world.has(name) || membersOf(world, name).length > 0;
  return isThere ? behind(world, name) : undefined;
}

function viewsOf(world: World): Engine['views'] {
  const views = fakeViews(name => indexNamed(world, name));
  return {
    ...{ primaryTerms: later(views.primaryTerms), stands: later(views.stands), flush: later(views.flush) },
    ...{ open: later(views.open), close: later(views.close), page: later(views.page), shardsOf: later(views.shardsOf) },
  };
}

function clusterOf(world: World, allocation: FakeAllocation): Engine['cluster'] {
  const { capacity, indicesOn, templatesFor, lacking } = fakeCluster(() => described(world), allocation);
  return {
    ...{ capacity: later(capacity), indicesOn: later(indicesOn) },
    ...{ templatesFor: later(templatesFor), lacking: later(lacking), awaitChanges: later(() => undefined) },
  };
}

function described(world: World): readonly IndexDescription[] {
  return [...world.values()].map(index => index.describe()).sort((one, other) => (one.name < other.name ? -1 : 1));
}

function membersOf(world: World, alias: string): readonly AliasMember[] {
  return described(world).flatMap(({ name, aliases }) =>
    Object.hasOwn(aliases, alias) ? [{ index: name, properties: aliases[alias] ?? {} }] : [],
  );
}

function withFields(found: Stored<unknown> | undefined, fields: readonly string[] | undefined): typeof found {
  if (!found || !fields) return found;
  const source = Object.fromEntries(
    Object.entries(found.source as JsonObject).filter(([name]) => fields.includes(name)),
  );
  return { ...found, source };
}

function aliasesOf(world: World): Engine['aliases'] {
  return {
    members: later(alias => membersOf(world, alias)),
    kindOf: later(name => (world.has(name) ? 'index' : membersOf(world, name).length > 0 ? 'alias' : 'none')),
    seen: later(names =>
      names.map(name => {
        if (world.has(name)) return { is: 'index' as const, members: [] };
        const members = membersOf(world, name);
        return { is: members.length > 0 ? ('alias' as const) : ('none' as const), members };
      }),
    ),
    update: later(actions => {
      if (actions.some(action => 'remove' in action && !holds(world, action))) return 'refused';
      if (actions.some(action => 'add' in action && !world.has(action.add.index))) return 'refused';
      for (const action of actions)
        if ('remove' in action) world.get(action.remove.index)?.aliases.delete(action.remove.alias);
      for (const action of actions) if ('add' in action) add(world, action);
      return 'applied';
    }),
  };
}

function holds(world: World, { remove }: Extract<AliasAction, { remove: unknown }>): boolean {
  return world.get(remove.index)?.aliases.has(remove.alias) === true;
}

function add(world: World, action: Extract<AliasAction, { add: unknown }>): void {
  const { index, alias, ...properties } = action.add;
  world.get(index)?.aliases.set(alias, properties);
}

/** The indices that a name reaches, each with the filter of the alias. */
function reached(
  world: World,
  name: string,
): readonly { readonly index: FakeIndex; readonly properties: AliasProperties }[] {
  const members = membersOf(world, name);
  if (members.length > 0)
    return members.map(({ index, properties }) => ({ index: indexNamed(world, index), properties }));
  return [{ index: indexNamed(world, name), properties: {} }];
}

function behind(world: World, name: string): readonly FakeIndex[] {
  return reached(world, name).map(({ index }) => index);
}

function found(world: World, name: string, query: JsonObject = { match_all: {} }): readonly Candidate[] {
  return reached(world, name).flatMap(({ index, properties }) =>
    index
      .visible()
      .map(({ id, document, source }): Candidate => ({
        id,
        index: index.name,
        version: Number(document.version),
        source,
      }))
      .filter(candidate => matches(properties.filter ?? { match_all: {} }, candidate) && matches(query, candidate)),
  );
}

function documentsOf(world: World): Engine['documents'] {
  const get = later((name: string, id: string): Stored<unknown> | undefined => {
    const document = world.get(name)?.get(id);
    return (
      document && {
        id,
        source: stored(document.source ?? {}),
        stand: { seqNo: document.seqNo, primaryTerm: document.primaryTerm },
      }
    );
  });
  return {
    // The caller names the type, as with the real engine.
    get: <T>(name: string, id: string) => get(name, id) as Promise<Stored<T> | undefined>,
    getAll: <T>(name: string, ids: readonly string[], fields?: readonly string[]) =>
      Promise.all(ids.map(async id => withFields(await get(name, id), fields))) as Promise<
        readonly (Stored<T> | undefined)[]
      >,
    create: later((name, id, source) =>
      standOr('exists', single(world, name, { op: 'create', id, source: stored(source) })),
    ),
    replace: later((name, id, source, expected) => {
      const condition = { ifSeqNo: expected.seqNo, ifPrimaryTerm: expected.primaryTerm };
      return standOr('conflict', single(world, name, { op: 'index', id, source: stored(source), ...condition }));
    }),
    bulk: later((ndjson, { target, requireAlias }) => ({
      tookMs: 0,
      items: writesIn(ndjson).map(write => item(world, target, requireAlias, write)),
    })),
    search: later((name, body) => {
      const hits = found(world, name, (body['query'] ?? { match_all: {} }) as JsonObject);
      const whole = { tookMs: 1, timedOut: false, totalIsExact: true, failedShards: 0 };
      return { ...whole, total: hits.length, hits: page(hits, body), aggregations: aggregated(hits, body) };
    }),
  };
}

function single(world: World, name: string, write: FakeWrite): FakeWritten {
  const written = indexNamed(world, name).write(write);
  if (written.status === 403) throw new RetryableError('EngineUnavailable', `${name}: ${written.errorType}`);
  if (written.status === 400) throw new Error(`${name}: ${written.errorType}: ${written.errorReason}`);
  return written;
}

function standOr<T extends string>(otherwise: T, written: FakeWritten): Stand | T {
  return written.stand ?? otherwise;
}

function stored(source: object): JsonObject {
  return JSON.parse(JSON.stringify(source)) as JsonObject;
}

function item(world: World, target: string, requireAlias: boolean, write: FakeWrite): BulkItem {
  // As in the engines: a delete does not look at require_alias.
  const index = writeTarget(world, target, requireAlias && write.op !== 'delete');
  const written = index === undefined ? unreached : index.write(write);
  const { status, errorType, errorReason } = written;
  const error = errorType === undefined ? {} : { errorType, errorReason: errorReason ?? '' };
  return { id: write.id, op: write.op === 'delete' ? 'delete' : 'index', status, ...error };
}

const unreached: FakeWritten = {
  status: 404,
  errorType: 'index_not_found_exception',
  errorReason: 'no such index, or no such alias',
};

function writeTarget(world: World, target: string, requireAlias: boolean): FakeIndex | undefined {
  const members = membersOf(world, target);
  if (members.length === 0) return requireAlias ? undefined : world.get(target);
  const member = members.length === 1 ? members[0] : members.find(({ properties }) => properties.is_write_index);
  return member && world.get(member.index);
}
