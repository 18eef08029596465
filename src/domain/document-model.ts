import { createHash } from 'node:crypto';
import type { estypes } from '@elastic/elasticsearch';
import type { AliasProperties } from './alias-member.ts';
import { grammarFiles, parserRuntime, type GrammarFile } from './grammars.ts';
import type { JsonObject } from './json.ts';

/**
 * What an index of ours holds: one *file document* per selected file (the manifest, and the commit marker of the file)
 * and *chunk documents* with the text. Only field types and analyzers of the engine's core are used.
 */

/** Grows when documents of an older worker could not be told apart from new ones; a version of another schema is rebuilt. */
export const schemaVersion = 2;

/**
 * How text is cut. Sizes count characters that are not white space. The revision grows when the code or the tables of a
 * language cut or describe in another way.
 */
export const chunking = { chunker: 'syntax', revision: 2, target: 1500, max: 4000 } as const;

/** Names a way of cutting, grammars included: chunk ids hold it, so two ways never mix in one version. */
export const chunkerHash = chunkerHashOf({ ...grammarFiles, runtime: parserRuntime });

/** The hash that another set of grammars makes. */
export function chunkerHashOf(files: Readonly<Record<string, GrammarFile>>): string {
  return hashOf({ ...chunking, files: Object.entries(files).map(([name, { sha256 }]) => [name, sha256]) });
}

/** What the alias of an index that is fed from Git has: people search text, the file documents are for the indexer alone. */
export const publicAlias: AliasProperties = { filter: { term: { doc: 'chunk' } } };

/** Which files of a tree are indexed. */
export type Selection = {
  /** Globs on the path; empty or absent = everything. */
  readonly include?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  readonly maxFileBytes: number;
};

/** Grows when the built-in rules (lock files, secret-like names, generated files) change what is selected. */
const selectionRules = 3;

/** Names a selection: another hash makes the next run compare the whole tree instead of the changes alone. */
export function selectionHash(selection: Selection, rules: number = selectionRules): string {
  const { include = [], exclude = [], maxFileBytes } = selection;
  return hashOf({ rules, include, exclude, maxFileBytes });
}

/** More than any release of ours has: also a later one, whose versions an operator meets after a downgrade. */
const highestRules = 64;

/** Whether a release of ours, by whichever built-in rules, gives this selection that hash. */
export function isSelectionOfSomeRules(selection: Selection, hash: string): boolean {
  for (let rules = 1; rules <= highestRules; rules += 1) if (selectionHash(selection, rules) === hash) return true;
  return false;
}

function hashOf(value: object): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}

type Fields = Readonly<Record<string, estypes.MappingProperty>>;

const keyword = { type: 'keyword' } as const;
const integer = { type: 'integer' } as const;
/** Words that were split before they are sent: the core of the engine has no analyzer for identifiers or paths. */
const words = { type: 'text', analyzer: 'whitespace', norms: false, index_options: 'freqs' } as const;

/** Fields that both kinds of documents carry. */
const shared = {
  /** `file` or `chunk`. */
  doc: keyword,
  /** The alias: part of every id, so that a moved host does not change them. */
  repo: keyword,
  filePath: keyword,
  /** First byte of the SHA-256 of the path, in hexadecimal: what partitions of a run divide. */
  bucket: keyword,
  directoryPath: keyword,
  directoryName: keyword,
  directoryDepth: integer,
  /** Every folder above the file: stands in for a path hierarchy. */
  directoryPrefixes: keyword,
  path_tokens: words,
  /** `code` or `doc`. */
  type: keyword,
  language: keyword,
  git_file_hash: keyword,
  parser: keyword,
  /** When it was written: the one field that is left out of every comparison. */
  indexed_at: { type: 'date' },
} as const satisfies Fields;

const fileOnly = {
  repo_url: keyword,
  git_branch: keyword,
  git_mode: keyword,
  /** `indexed` or `skipped`. */
  state: keyword,
  skip_reason: keyword,
  size: { type: 'long' },
  chunks: integer,
  text_hash: keyword,
  encoding: keyword,
  eol: keyword,
} as const satisfies Fields;

const chunkOnly = {
  /** What the chunk defines or is a part of: `function`, `class` ... `mixed`, `import`, `code`, `heading`; `lines` = unknown. */
  kind: keyword,
  /** The definitions around the start of the chunk, joined by dots, where it begins inside of one. */
  containerPath: keyword,
  /** Definitions whose name stands in the chunk. */
  symbols: { type: 'nested', properties: { name: keyword, kind: keyword, line: integer } },
  symbol_names: keyword,
  imports: { type: 'nested', properties: { path: keyword, line: integer } },
  exports: { type: 'nested', properties: { name: keyword, line: integer } },
  seq: integer,
  startLine: integer,
  endLine: integer,
  /** Offsets in the UTF-8 form of the normalised text. */
  startByte: integer,
  endByte: integer,
  content: { type: 'text', analyzer: 'standard' },
  /** Identifiers in lower case, whole and in parts. */
  tokens: words,
  chunk_hash: keyword,
  chunk_id: keyword,
} as const satisfies Fields;

/** The worker's own mapping, field by field. */
export const documentFields: Readonly<Record<string, JsonObject>> = { ...shared, ...fileOnly, ...chunkOnly };

/** Fields by which the worker finds, sorts and compares what it wrote: their definition is not open to change. */
export const fixedFields: ReadonlySet<string> = new Set([
  'doc',
  'repo',
  'filePath',
  'bucket',
  'git_file_hash',
  'parser',
  'repo_url',
  'git_branch',
  'git_mode',
  'state',
  'skip_reason',
  'chunks',
  'text_hash',
  'encoding',
  'seq',
  'chunk_id',
]);
