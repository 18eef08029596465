import type { AliasProperties } from '../../../src/domain/alias-member.ts';
import type { IndexBody } from '../../../src/domain/index-body.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { IndexDescription, Stand } from '../../../src/engine/port.ts';

/** A document as the fake keeps it; without a source it is a tombstone, which still fences by its version. */
export type FakeDocument = {
  readonly source: JsonObject | undefined;
  /** Up to 2^63: more than a number holds. */
  readonly version: bigint;
  readonly shard: number;
  /** Within its shard. */
  readonly seqNo: number;
  readonly primaryTerm: number;
  readonly routing: string | undefined;
};

export type FakeFound = { readonly id: string; readonly document: FakeDocument; readonly source: JsonObject };

export type FakeWrite = {
  readonly op: 'index' | 'create' | 'delete';
  readonly id: string;
  readonly source?: JsonObject;
  readonly routing?: string;
  readonly version?: bigint;
  readonly versionType?: string;
  readonly ifSeqNo?: number;
  readonly ifPrimaryTerm?: number;
};

export type FakeWritten = {
  readonly status: number;
  readonly stand?: Stand;
  readonly errorType?: string;
  readonly errorReason?: string;
};

/** One index in memory: external versions, sequence numbers, strict mapping, write block, and searches that see only what was refreshed. */
export class FakeIndex {
  readonly name: string;
  readonly aliases = new Map<string, AliasProperties>();
  #settings: Readonly<Record<string, string>>;
  #mappings: JsonObject;
  #documents = new Map<string, FakeDocument>();
  #visible = new Map<string, FakeDocument>();
  readonly #nextSeqNos: number[];
  readonly #primaryTerms: number[];

  constructor(name: string, body: IndexBody) {
    this.name = name;
    this.#settings = { 'index.number_of_shards': '1', 'index.number_of_replicas': '1', ...flat(body.settings) };
    this.#mappings = body.mappings;
    const shards = Number(this.#settings['index.number_of_shards']);
    this.#nextSeqNos = Array.from({ length: shards }, () => 0);
    this.#primaryTerms = Array.from({ length: shards }, () => 1);
    for (const [alias, properties] of Object.entries(body.aliases ?? {}))
      this.aliases.set(alias, properties as AliasProperties);
  }

  describe(): IndexDescription {
    const meta = (this.#mappings['_meta'] ?? {}) as JsonObject;
    const aliases = Object.fromEntries(this.aliases);
    return { name: this.name, aliases, mappings: this.#mappings, settings: this.#settings, meta };
  }

  putSettings(settings: JsonObject): void {
    const changed = Object.entries({ ...this.#settings, ...flat(settings) }).filter(([, value]) => value !== 'null');
    this.#settings = Object.fromEntries(changed);
  }

  putMapping(mappings: JsonObject): void {
    const properties = { ...(this.#mappings['properties'] as object), ...(mappings['properties'] as object) };
    this.#mappings = { ...this.#mappings, ...mappings, properties };
  }

  putMeta(meta: JsonObject): void {
    this.#mappings = { ...this.#mappings, _meta: meta };
  }

  refresh(): void {
    this.#visible = new Map(this.#documents);
  }

  /** Realtime; undefined for a tombstone too. */
  get(id: string): FakeDocument | undefined {
    const found = this.#documents.get(id);
    return found?.source === undefined ? undefined : found;
  }

  /** What a search sees, in the order of writing. */
  visible(): readonly FakeFound[] {
    return [...this.#visible].flatMap(([id, document]) =>
      document.source === undefined ? [] : [{ id, document, source: document.source }],
    );
  }

  write(write: FakeWrite): FakeWritten {
    const before = this.#documents.get(write.id);
    const refusal = this.#refusal(write, before);
    if (refusal !== undefined) return refusal;
    const version = write.version ?? (before?.version ?? 0n) + 1n;
    const shard = this.shardOf(write.routing ?? write.id);
    const seqNo = this.highestOf(shard) + 1;
    this.#nextSeqNos[shard] = seqNo + 1;
    const primaryTerm = this.primaryTerms()[shard] ?? 1;
    const existed = before?.source !== undefined;
    const source = write.op === 'delete' ? undefined : (write.source ?? {});
    this.#documents.delete(write.id);
    this.#documents.set(write.id, { source, version, shard, seqNo, primaryTerm, routing: write.routing });
    return { status: statusOf(write.op, existed), stand: { seqNo, primaryTerm } };
  }

  primaryTerms(): readonly number[] {
    return this.#primaryTerms;
  }

  /** The highest sequence number of a shard; -1 = nothing was written into it. */
  highestOf(shard: number): number {
    return (this.#nextSeqNos[shard] ?? 0) - 1;
  }

  /** By a sum over the text: spread evenly enough, and no engine's way. */
  shardOf(routing: string): number {
    return Buffer.from(routing).reduce((sum, byte) => (sum * 31 + byte) % 65_521, 7) % this.#primaryTerms.length;
  }

  #refusal(write: FakeWrite, before: FakeDocument | undefined): FakeWritten | undefined {
    if (this.#settings['index.blocks.write'] === 'true')
      return failed(403, 'cluster_block_exception', 'index write (api)');
    const unknown = this.#unknownField(write.source ?? {});
    if (unknown !== undefined) return failed(400, 'strict_dynamic_mapping_exception', `introduction of [${unknown}]`);
    if (isConflict(write, before))
      return failed(409, 'version_conflict_engine_exception', `[${write.id}]: version conflict`);
    return undefined;
  }

  #unknownField(source: JsonObject): string | undefined {
    if (this.#mappings['dynamic'] !== 'strict') return undefined;
    const known = (this.#mappings['properties'] ?? {}) as JsonObject;
    return Object.keys(source).find(field => !(field in known));
  }
}

function isConflict(write: FakeWrite, before: FakeDocument | undefined): boolean {
  const exists = before?.source !== undefined;
  if (write.op === 'create' && exists) return true;
  if (write.ifSeqNo !== undefined && (before?.seqNo !== write.ifSeqNo || write.ifPrimaryTerm !== before.primaryTerm))
    return true;
  if (write.version === undefined || before === undefined) return false;
  return write.versionType === 'external' ? write.version <= before.version : write.version < before.version;
}

function statusOf(op: FakeWrite['op'], existed: boolean): number {
  if (op === 'delete') return existed ? 200 : 404;
  return existed ? 200 : 201;
}

function failed(status: number, errorType: string, errorReason: string): FakeWritten {
  return { status, errorType, errorReason };
}

/** `{index: {number_of_shards: 1}}`, `{number_of_shards: 1}` and `{'index.number_of_shards': 1}` are the same to an engine. */
function flat(settings: JsonObject): Readonly<Record<string, string>> {
  const result: Record<string, string> = {};
  const add = (path: string, value: unknown): void => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      for (const [key, inner] of Object.entries(value)) add(path === '' ? key : `${path}.${key}`, inner);
    } else result[path.startsWith('index.') ? path : `index.${path}`] = String(value);
  };
  add('', settings);
  return result;
}

/** A number that would be rounded is kept as its text: versions go up to 2^63. */
function wholeVersion(key: string, value: unknown, { source = '' }: { readonly source?: string } = {}): unknown {
  return key === 'version' && typeof value === 'number' && !Number.isSafeInteger(value) ? source : value;
}

/** The writes that a bulk body names. */
export function writesIn(ndjson: Uint8Array): readonly FakeWrite[] {
  const lines = Buffer.from(ndjson)
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line, wholeVersion) as JsonObject);
  const writes: FakeWrite[] = [];
  while (lines.length > 0) {
    const [op, about] = Object.entries(lines.shift() ?? {})[0] as [FakeWrite['op'], JsonObject];
    const source = op === 'delete' ? {} : { source: lines.shift() ?? {} };
    const fields = {
      routing: about['routing'],
      version: about['version'] === undefined ? undefined : BigInt(about['version'] as string | number),
      versionType: about['version_type'],
      ifSeqNo: about['if_seq_no'],
      ifPrimaryTerm: about['if_primary_term'],
    };
    const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
    writes.push({ op, id: String(about['_id']), ...source, ...given });
  }
  return writes;
}
