import {
  defineScalarTag,
  floatCoreTag,
  floatYaml11Tag,
  intCoreTag,
  intYaml11Tag,
  loadAll,
  NOT_RESOLVED,
  type ScalarTagDefinition,
  Schema,
  YAML11_SCHEMA,
} from 'js-yaml';
import { z } from 'zod';
import { exitCodes } from '../api/exit-codes.ts';
import { indexedRepoResource } from '../api/indexed-repo.ts';
import { apiVersion } from '../api/meta.ts';
import { reindexRequestResource } from '../api/reindex-request.ts';
import { oneLine } from '../domain/bounded-text.ts';
import { DeclinedError } from '../reading/declined.ts';

/** One object out of a file, as far as the kinds of Reindeer have the same fields. What its spec holds the API server checks. */
export type Manifest = z.output<typeof manifest>;

const kinds = [reindexRequestResource.kind, indexedRepoResource.kind] as const;

const manifest = z.object({
  apiVersion: z.literal(apiVersion),
  kind: z.enum(kinds),
  metadata: z.object({
    name: z.string().optional(),
    generateName: z.string().optional(),
    namespace: z.string().optional(),
  }),
  spec: z.record(z.string(), z.unknown()),
});

/** An object of Kubernetes has at most half of this. */
export const maxManifestBytes = 3 * 1024 * 1024;
const maxDepth = 100;
/** Values of one object, each as often as aliases repeat it. */
const maxValues = 100_000;

/**
 * The one object that a file in YAML 1.1 or JSON holds, read as kubectl reads it: `yes` and `0644` are no texts. Throws
 * DeclinedError for repeated keys, for what grows beyond measure, and for anything but one object of a known kind.
 */
export function readManifest(text: string): Manifest {
  const documents = parsed(text).filter(document => document !== null);
  if (documents.length !== 1) throw bad(`it holds ${documents.length} objects: one is planned at a time`);
  requireMeasure(documents[0]);
  const read = manifest.safeParse(documents[0]);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const field = issue?.path.join('.') ?? '';
  throw bad(
    `${field === '' ? 'it' : field}: ${issue?.message ?? ''}; a ${kinds.join(' or ')} of ${apiVersion} is planned`,
  );
}

function parsed(text: string): readonly unknown[] {
  if (Buffer.byteLength(text) > maxManifestBytes) throw bad(`it is larger than ${maxManifestBytes / 1024 / 1024} MiB`);
  try {
    return loadAll(text, { schema, maxDepth, maxAliases: 1000, maxTotalMergeKeys: 1000 });
  } catch (error) {
    // The other lines show the text around the fault.
    const [first = ''] = String(error).split('\n');
    throw bad(first.replace(/^\w+: /, ''));
  }
}

/** Aliases make a short text a large object, or one that holds itself. */
function requireMeasure(document: unknown): void {
  let values = 0;
  const visit = (value: unknown, depth: number): void => {
    values += 1;
    if (values > maxValues || depth > maxDepth) throw bad('it grows beyond measure by its aliases');
    if (typeof value === 'number' && !Number.isFinite(value)) throw bad(`${value} is no number of JSON`);
    if (typeof value !== 'object' || value === null) return;
    for (const inner of Object.values(value)) visit(inner, depth + 1);
  };
  visit(document, 0);
}

function bad(why: string): DeclinedError {
  return new DeclinedError(exitCodes.badConfiguration, `the file cannot be planned: ${oneLine(why).slice(0, 500)}`);
}

/** Numbers as kubectl takes them: of both versions of YAML, and never to the base of 60, which `1:30` would be. */
function ofBoth(older: ScalarTagDefinition<number>, newer: ScalarTagDefinition<number>): ScalarTagDefinition<number> {
  return defineScalarTag<number>(older.tagName, {
    implicit: true,
    identify: older.identify,
    represent: older.represent,
    resolve: (source, isExplicit, tagName) => {
      if (source.includes(':')) return NOT_RESOLVED;
      const value = older.resolve(source, isExplicit, tagName);
      return value === NOT_RESOLVED ? newer.resolve(source, isExplicit, tagName) : value;
    },
  });
}

/** What has no form in JSON is no value here: dates stay texts, as with kubectl. */
const notInJson = ['timestamp', 'binary', 'omap', 'pairs', 'set'].map(name => `tag:yaml.org,2002:${name}`);

const schema = new Schema(YAML11_SCHEMA.tags.filter(({ tagName }) => !notInJson.includes(tagName))).withTags(
  ofBoth(intYaml11Tag, intCoreTag),
  ofBoth(floatYaml11Tag, floatCoreTag),
);
