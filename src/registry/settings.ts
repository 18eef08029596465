import { ConflictError, TerminalError } from '../domain/errors.ts';
import type { JsonObject } from '../domain/json.ts';
import type { AliasRecord, LockRecord, Owner, RunRecord, VersionRecord } from '../domain/records.ts';
import { nameOf } from '../domain/version.ts';
import { errorOfShards, errorOfStatus } from '../engine/errors.ts';
import type { Engine, IndexDescription, Stored } from '../engine/port.ts';
import { changeAt, createAt, type Place, replaceAt } from './compare-and-set.ts';
import { leasesIn } from './leases.ts';
import { partsIn } from './parts.ts';
import type { AliasAndLock, Settings } from './port.ts';
import {
  firstAliasRecord,
  freeLease,
  parseAliasRecord,
  parseLockRecord,
  parseOperatorRecord,
  parsePartRecord,
  parseRunRecord,
  parseVersionMembers,
  parseVersionRecord,
  recordId,
  mappingSchema,
  settingsIndexBody,
} from './records.ts';

/** The settings index `index` on an engine. Nothing is created before {@link Settings.ensure}; reads of a missing index find nothing. */
export function settingsOn(engine: Engine, index: string): Settings {
  const records = new Records(engine, index);
  return {
    ...leasesIn(engine.documents, index),
    ...partsIn(engine, index),
    ensure: () => ensure(engine, index),
    aliasRecord: alias => records.read(recordId.alias(alias), source => parseAliasRecord(source, alias)),
    aliasRecords: async () =>
      (await records.list({ term: { kind: 'alias' } }, 'alias')).map(source =>
        parseAliasRecord(source, nameIn(source, 'alias')),
      ),
    aliasAndLock: async alias => {
      const [found] = await aliasesAndLocks(records, [alias]);
      return found ?? { record: undefined, lock: undefined };
    },
    aliasesAndLocks: aliases => aliasesAndLocks(records, aliases),
    operatorRecord: id => records.read(recordId.operator(id), source => parseOperatorRecord(source, id)),
    operatorRecords: async () =>
      (await records.list({ term: { kind: 'operator' } }, 'process')).map(source => parseOperatorRecord(source)),
    putOperator: async (record, expected) => {
      const place = records.at(recordId.operator(record));
      const written = expected ? await replaceAt(place, record, expected) : await createAt(place, record);
      return typeof written === 'string' ? 'conflict' : 'written';
    },
    claim: (alias, owner) => claim(records, alias, owner),
    changeAlias: (alias, change) =>
      changeAt(records.at(recordId.alias(alias)), source => parseAliasRecord(source, alias), change),
    forgetAlias: (alias, ownerUid) => forgetAlias(records, alias, ownerUid),
    versionRecord: version => records.read(recordId.version(version), source => parseVersionRecord(source, version)),
    versionRecords: alias => versionRecords(records, alias),
    versionsNamed: async names => {
      const found = await records.readAll(names.map(name => recordId.version(name)));
      return found.flatMap((stored, at) => (stored ? [parseVersionRecord(stored.source, names[at] ?? '')] : []));
    },
    versionMembers: async names => {
      const ids = names.map(name => recordId.version(name));
      const found = await records.readAll(ids, ['alias', 'number', 'index', 'members']);
      return found.flatMap((stored, at) => (stored ? [parseVersionMembers(stored.source, names[at] ?? '')] : []));
    },
    createVersion: async record =>
      (await createAt(records.at(recordId.version(nameOf(record))), record)) === 'exists' ? 'exists' : 'created',
    changeVersion: (version, change) =>
      changeAt(records.at(recordId.version(version)), source => parseVersionRecord(source, version), change),
    deleteVersion: version => records.remove(recordId.version(version)),
    lockRecord: alias => records.read(recordId.lock(alias), source => parseLockRecord(source, alias)),
    runRecord: async uid => (await records.read(recordId.run(uid), source => parseRunRecord(source, uid)))?.source,
    putRun: (record: RunRecord) => records.put(recordId.run(record.uid), record),
    changeRun: (uid, change) => changeAt(records.at(recordId.run(uid)), source => parseRunRecord(source, uid), change),
    deleteRun: async (uid, partitions = 1) => {
      for (let partition = 0; partitions > 1 && partition < partitions; partition += 1)
        await records.remove(recordId.part(uid, partition));
      await records.remove(recordId.run(uid));
    },
  };
}

async function ensure(engine: Engine, index: string): Promise<void> {
  const [found] = await engine.indices.describe(index);
  if (found === undefined) {
    await engine.indices.create(index, settingsIndexBody);
    return;
  }
  const schema = Number(found.meta['schema'] ?? 0);
  if (schema > mappingSchema)
    throw new TerminalError(
      'SettingsNewer',
      `${index} has schema ${schema}; this release knows up to ${mappingSchema}`,
    );
  if (lacksFields(found)) await engine.indices.putMapping(index, settingsIndexBody.mappings);
}

/** Made by an earlier release, or by a build between two: one number then stands for less. */
function lacksFields({ meta, mappings }: IndexDescription): boolean {
  const fields = (of: JsonObject): readonly string[] => Object.keys(of['properties'] ?? {});
  const known = new Set(fields(mappings));
  return (
    Number(meta['schema'] ?? 0) < mappingSchema || fields(settingsIndexBody.mappings).some(field => !known.has(field))
  );
}

async function aliasesAndLocks(records: Records, aliases: readonly string[]): Promise<readonly AliasAndLock[]> {
  const found = await records.readAll(aliases.flatMap(alias => [recordId.alias(alias), recordId.lock(alias)]));
  return aliases.map((alias, at) => ({
    record: read(found[2 * at], source => parseAliasRecord(source, alias)),
    lock: read(found[2 * at + 1], source => parseLockRecord(source, alias)),
  }));
}

const maxClaimTries = 3;

async function claim(
  records: Records,
  alias: string,
  owner: Owner,
): Promise<{ is: 'ours'; record: AliasRecord } | { is: 'taken'; by: Owner }> {
  const lock = await records.read(recordId.lock(alias), source => parseLockRecord(source, alias));
  const first = firstAliasRecord(alias, owner, lock?.source.nextVersion);
  for (let tries = 0; tries < maxClaimTries; tries += 1) {
    if ((await createAt(records.at(recordId.alias(alias)), first)) !== 'exists') return { is: 'ours', record: first };
    const found = await records.read(recordId.alias(alias), source => parseAliasRecord(source, alias));
    if (found === undefined) continue;
    const record = found.source;
    return record.owner.uid === owner.uid ? { is: 'ours', record } : { is: 'taken', by: record.owner };
  }
  throw new ConflictError(`the claim of ${alias} was made and removed by others ${maxClaimTries} times in a row`);
}

async function versionRecords(records: Records, alias: string): Promise<readonly VersionRecord[]> {
  const filter = [{ term: { kind: 'version' } }, { term: { alias } }];
  const sources = await records.list({ bool: { filter } }, 'index');
  const parsed = sources.map(source => parseVersionRecord(source, nameIn(source, 'index')));
  return parsed.sort((one, other) => one.number - other.number);
}

/** Versions first: as long as the alias record stands, this is done again. The lock keeps the highest token ever given. */
async function forgetAlias(records: Records, alias: string, ownerUid: string): Promise<void> {
  const found = await records.read(recordId.alias(alias), source => parseAliasRecord(source, alias));
  if (found?.source.owner.uid !== ownerUid) return;
  for (const version of await versionRecords(records, alias)) {
    if (version.ownerUid === ownerUid) await records.remove(recordId.version(nameOf(version)));
  }
  await forgetRuns(records, alias);
  await keepCounters(records, alias, found.source);
  await records.remove(recordId.alias(alias), found.stand);
}

/** In rounds, because parts of several runs have no order of their own to be listed in. */
async function forgetRuns(records: Records, alias: string): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    const ids = await runIds(records, alias);
    for (const id of ids) await records.remove(id);
    if (ids.length === 0) return;
  }
}

/** Records of runs and of their parts: also those that a worker whose run was deleted left behind. */
async function runIds(records: Records, alias: string): Promise<readonly string[]> {
  const ofAlias = (kind: 'run' | 'part'): JsonObject => ({
    bool: { filter: [{ term: { kind } }, { term: { alias } }] },
  });
  const runs = (await records.list(ofAlias('run'), 'uid')).map(source => recordId.run(String(source['uid'])));
  const parts = (await records.list(ofAlias('part'), 'partition')).map(source => parsePartRecord(source));
  return [...parts.map(({ uid, partition }) => recordId.part(uid, partition)), ...runs];
}

async function keepCounters(
  records: Records,
  alias: string,
  { tokenCounter, nextVersion }: AliasRecord,
): Promise<void> {
  const place = records.at(recordId.lock(alias));
  const lock: LockRecord = { kind: 'lock', alias, lease: { ...freeLease, token: tokenCounter }, nextVersion };
  if ((await createAt(place, lock)) !== 'exists') return;
  await changeAt(
    place,
    source => parseLockRecord(source, alias),
    record => ({
      ...record,
      lease: { ...record.lease, token: Math.max(record.lease.token, tokenCounter) },
      nextVersion: Math.max(record.nextVersion ?? 1, nextVersion),
    }),
  );
}

function nameIn(source: JsonObject, field: 'alias' | 'index'): string {
  const name = source[field];
  return typeof name === 'string' ? name : '';
}

function read<T>(found: Stored<unknown> | undefined, parse: (source: unknown) => T): Stored<T> | undefined {
  return found && { ...found, source: parse(found.source) };
}

const pageSize = 500;

/** Reads and writes of records whatever their kind. */
class Records {
  readonly #engine: Engine;
  readonly #index: string;

  constructor(engine: Engine, index: string) {
    this.#engine = engine;
    this.#index = index;
  }

  at(id: string): Place {
    return { documents: this.#engine.documents, index: this.#index, id };
  }

  async read<T>(id: string, parse: (source: unknown) => T): Promise<Stored<T> | undefined> {
    return read(await this.#engine.documents.get<unknown>(this.#index, id), parse);
  }

  readAll(ids: readonly string[], fields?: readonly string[]): Promise<readonly (Stored<unknown> | undefined)[]> {
    return this.#engine.documents.getAll<unknown>(this.#index, ids, fields);
  }

  /** Everything that matches, ordered by a field that is unique among it; what was just written included. */
  async list(query: JsonObject, uniqueField: string): Promise<readonly JsonObject[]> {
    if ((await this.#engine.indices.describe(this.#index)).length === 0) return [];
    await this.#engine.indices.refresh(this.#index);
    const found: JsonObject[] = [];
    let after: readonly unknown[] | undefined;
    do {
      const page = {
        query,
        size: pageSize,
        sort: [{ [uniqueField]: 'asc' }],
        ...(after === undefined ? {} : { search_after: after }),
      };
      const reply = await this.#engine.documents.search(this.#index, page);
      if (reply.failedShards > 0) throw errorOfShards(this.#index, reply.failedShards);
      found.push(...reply.hits.map(hit => hit.source));
      after = reply.hits.length < pageSize ? undefined : reply.hits.at(-1)?.sort;
    } while (after !== undefined);
    return found;
  }

  put(id: string, source: object): Promise<void> {
    return this.#bulk(id, { index: { _id: id } }, source);
  }

  /** With a stand: only if nobody changed it since. A missing record is as removed. */
  remove(id: string, stand?: Stored<unknown>['stand']): Promise<void> {
    const condition = stand === undefined ? {} : { if_seq_no: stand.seqNo, if_primary_term: stand.primaryTerm };
    return this.#bulk(id, { delete: { _id: id, ...condition } });
  }

  async #bulk(id: string, ...lines: readonly object[]): Promise<void> {
    const ndjson = Buffer.from(lines.map(line => `${JSON.stringify(line)}\n`).join(''));
    const reply = await this.#engine.documents.bulk(ndjson, { target: this.#index, requireAlias: false });
    const item = reply.items[0];
    if (item === undefined) throw new Error(`${id}: a bulk of one came back with no item`);
    if (item.status < 300 || (item.op === 'delete' && item.status === 404)) return;
    if (item.status === 409) throw new ConflictError(`${id} was changed by others`);
    throw errorOfStatus(item.status, { error: { type: item.errorType, reason: item.errorReason } }, id);
  }
}
