import { z } from 'zod';
import type { IndexBody } from '../domain/index-body.ts';
import type {
  AliasRecord,
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

/**
 * How records look in the settings index. Written strictly (the mapping refuses unknown fields), read leniently: an
 * older or newer program may have written them, and fields that this one does not know are carried along.
 */

/** Ids of the records; a name is looked up, never searched, where one is known. */
export const recordId = {
  alias: (alias: string): string => `alias~${alias}`,
  lock: (alias: string): string => `reindex_in_progress_${alias}`,
  version: (name: string): string => `version~${name}`,
  run: (uid: string): string => `run~${uid}`,
  part: (run: string, partition: number): string => `run~${run}~${partition}`,
  operator: ({ operator, election }: OperatorId): string => `operator~${operator}~${election}`,
} as const;

/** What stands in a lock that nobody ever held, and in the writer of a version that nobody wrote yet. */
export const freeLease: Lease = { held: false, holder: null, token: 0, epoch: 0, leaseSeconds: 0 };

/** The record of an alias at its first claim, or at the first one after it was forgotten. */
export function firstAliasRecord(alias: string, owner: Owner, nextVersion = 1): AliasRecord {
  const nothingYet = { live: null, candidate: null, retired: [], writeSet: [], tokenCounter: 0 };
  return { kind: 'alias', alias, owner, ...nothingYet, nextVersion };
}

const text = z.string().catch('');
const textOrNull = z.string().nullable().catch(null);
const whole = z.number().int().min(0).catch(0);
const wholeOrNull = z.number().int().min(0).nullable().catch(null);
const wholes = z.array(z.number().int().min(0)).catch([]);

const texts = z.array(z.string()).catch([]);
const textIfAny = z.string().optional().catch(undefined);

const holder = z.looseObject({
  kind: z.enum(['Heavy', 'Light', 'External']).catch('External'),
  name: text,
  uid: text,
  pod: text,
  operator: textIfAny,
});

const lease = z
  .looseObject({
    // Unreadable means held: such a lease can still be taken over once it did not move for a whole lease.
    held: z.boolean().catch(true),
    holder: holder.nullable().catch(null),
    token: whole,
    epoch: whole,
    leaseSeconds: whole,
  })
  .catch({ ...freeLease, held: true });

const breakNote = z.looseObject({
  by: text,
  reason: text,
  at: text,
  held: z.array(z.looseObject({ of: text, holder: holder.nullable().catch(null), token: whole })).catch([]),
});

const lock = z.looseObject({
  lease,
  broken: breakNote.optional().catch(undefined),
  nextVersion: z.number().int().min(1).optional().catch(undefined),
});

const knownOwner = z.looseObject({ clusterUuid: text, namespace: text, name: text, uid: text, operator: textIfAny });
const owner = knownOwner.catch({ clusterUuid: '', namespace: '', name: '', uid: '' });

const alias = z.looseObject({
  owner,
  released: z.looseObject({ by: text, reason: text, at: text, owner }).optional().catch(undefined),
  previous: knownOwner.optional().catch(undefined),
  live: wholeOrNull,
  candidate: wholeOrNull,
  retired: wholes,
  writeSet: wholes,
  nextVersion: whole,
  tokenCounter: whole,
});

const operator = z.looseObject({
  operator: text,
  election: text,
  process: text,
  disputed: texts,
  kept: z.looseObject({ process: text, over: texts, by: text, at: text }).optional().catch(undefined),
});

const flag = z.boolean().optional();
const routing = z.string().optional();
const properties = z.object({
  filter: z.record(z.string(), z.unknown()).optional(),
  is_hidden: flag,
  is_write_index: flag,
  index_routing: routing,
  search_routing: routing,
});
const member = z.object({ role: z.string(), index: z.string(), properties: properties.optional() });

const version = z.looseObject({
  alias: text,
  index: text,
  members: z.array(member).min(1).optional().catch(undefined),
  number: whole,
  ownerUid: text,
  phase: z.enum(['Building', 'Complete', 'Live', 'Retired']).catch('Building'),
  commit: textOrNull,
  base: textOrNull,
  tree: textOrNull,
  branch: text,
  head: z.string().optional().catch(undefined),
  repoUrl: text,
  folder: z.string().optional().catch(undefined),
  schema: whole,
  chunkerHash: text,
  selectionHash: text,
  shapeHash: text,
  shape: z.looseObject({}).optional().catch(undefined),
  files: whole,
  chunks: whole,
  skipped: whole,
  fingerprint: text,
  workerImage: text,
  // Unreadable means unclean: the next run then compares everything.
  clean: z.boolean().catch(false),
  since: text,
  writer: lease,
});

const run = z.looseObject({
  alias: text,
  index: text,
  mode: z.enum(['full', 'incremental']).catch('full'),
  outcome: z.enum(['running', 'succeeded', 'noop', 'failed']).catch('running'),
  reason: text,
  message: text,
  commit: text,
  done: whole,
  total: whole,
  perSecond: z.number().min(0).catch(0),
  heartbeat: text,
  started: text,
  attempts: whole,
  unit: z.enum(['Files', 'Documents']).catch('Files'),
});

const part = run.extend({
  uid: text,
  partition: whole,
  partitions: whole,
  files: whole,
  chunks: whole,
  skipped: whole,
  fingerprint: text,
  tree: text,
  lease,
});

export function parseAliasRecord(source: unknown, name: string): AliasRecord {
  const record = alias.parse(source ?? {});
  const known = [record.live ?? 0, record.candidate ?? 0, ...record.retired, ...record.writeSet];
  // Whatever became of the field, a number that is in use is never given out again.
  const nextVersion = Math.max(record.nextVersion, 1 + Math.max(...known));
  return { ...record, kind: 'alias', alias: name, nextVersion };
}

export function parseLockRecord(source: unknown, name: string): LockRecord {
  return { ...lock.parse(source ?? {}), kind: 'lock', alias: name };
}

/** `name` is that of the version, as the id of its record has it. */
export function parseVersionRecord(source: unknown, name: string): VersionRecord {
  const record = version.parse(source ?? {});
  return { ...record, kind: 'version', index: record.index || name };
}

const membersOnly = version.pick({ alias: true, number: true, index: true, members: true });

/** The same of a record of which nothing else was read. */
export function parseVersionMembers(source: unknown, name: string): VersionMembers {
  const { alias: of, number, index, members } = membersOnly.parse(source ?? {});
  return { alias: of, number, index: index || name, members };
}

export function parseRunRecord(source: unknown, uid: string): RunRecord {
  return { ...run.parse(source ?? {}), kind: 'run', uid };
}

export function parseOperatorRecord(source: unknown, id?: OperatorId): OperatorRecord {
  return { ...operator.parse(source ?? {}), ...id, kind: 'operator' };
}

export function parsePartRecord(source: unknown): PartRecord {
  return { ...part.parse(source ?? {}), kind: 'part' };
}

const keyword = { type: 'keyword', ignore_above: 1024 } as const;
const long = { type: 'long' } as const;
const boolean = { type: 'boolean' } as const;
/** Kept, never searched: may be long, and times may be empty. */
const kept = { type: 'keyword', index: false, doc_values: false } as const;

const leaseMapping = {
  properties: {
    held: boolean,
    holder: { properties: named(['kind', 'name', 'uid', 'pod', 'operator'], keyword) },
    token: long,
    epoch: long,
    leaseSeconds: long,
  },
} as const;

/** Kept as it is, whatever it holds; never searched. */
const keptObject = { type: 'object', enabled: false } as const;

/** Version of the mapping below; a later one only adds fields. */
export const mappingSchema = 6;

/** Hidden, so that searches over everything do not see it; on several nodes it gets a replica by itself. */
export const settingsIndexBody: IndexBody = {
  settings: {
    'index.hidden': true,
    'index.number_of_shards': 1,
    'index.auto_expand_replicas': '0-1',
  },
  mappings: {
    dynamic: 'strict',
    _meta: { managedBy: 'reindeer', schema: mappingSchema },
    properties: {
      ...named(['kind', 'alias', 'index', 'uid', 'ownerUid', 'phase', 'mode', 'outcome', 'reason', 'unit'], keyword),
      ...named(['operator', 'election', 'process', 'disputed'], keyword),
      ...named(['commit', 'base', 'tree', 'branch', 'repoUrl', 'chunkerHash', 'selectionHash', 'shapeHash'], keyword),
      ...named(['live', 'candidate', 'retired', 'writeSet', 'nextVersion', 'tokenCounter', 'number', 'schema'], long),
      ...named(['files', 'chunks', 'skipped', 'done', 'total', 'attempts', 'partition', 'partitions'], long),
      ...named(['message', 'fingerprint', 'head', 'folder', 'workerImage', 'since', 'heartbeat', 'started'], kept),
      clean: boolean,
      perSecond: { type: 'double' },
      owner: { properties: named(['clusterUuid', 'namespace', 'name', 'uid', 'operator'], keyword) },
      lease: leaseMapping,
      writer: leaseMapping,
      broken: keptObject,
      released: keptObject,
      shape: keptObject,
      previous: keptObject,
      kept: keptObject,
      members: keptObject,
    },
  },
};

function named<T>(names: readonly string[], mapping: T): Readonly<Record<string, T>> {
  return Object.fromEntries(names.map(name => [name, mapping]));
}
