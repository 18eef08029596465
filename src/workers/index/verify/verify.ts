import { z } from 'zod';
import { TerminalError } from '../../../domain/errors.ts';
import type { JsonObject } from '../../../domain/json.ts';
import type { Engine } from '../../../engine/port.ts';
import { textHash } from '../documents/documents.ts';
import { readManifest } from '../tree/manifest.ts';
import { requireWhole } from '../tree/pages.ts';
import { withinPartition, type Partition } from '../tree/partition.ts';
import { Fingerprint } from './fingerprint.ts';
import { groupsOf, type SampledFile } from './sample.ts';
import { skipAggregation, skipCountsIn, type SkipCounts } from './skips.ts';
import type { Tally } from './tally.ts';

export type Verification = {
  readonly engine: Engine;
  readonly index: string;
  readonly expected: Tally;
  /** Files whose text is put together again and compared. */
  readonly sample: readonly SampledFile[];
  /** The part of the version that is looked at. Absent: all of it. */
  readonly partition?: Partition | undefined;
};

/**
 * Compares a refreshed version with the tree. L0: file and chunk documents are as many as the tree has, and as many as
 * the file documents claim; as many are skipped, and each says why. Answers why. Throws
 * TerminalError(VerificationFailed) with both figures.
 */
export async function verifyCounts({ engine, index, expected, partition }: Verification): Promise<SkipCounts> {
  const ofKind = (doc: string) => withinPartition({ term: { doc } }, partition);
  const [files, chunks, claimed] = await Promise.all([
    engine.indices.count(index, ofKind('file')),
    engine.indices.count(index, ofKind('chunk')),
    claimedByFiles(engine, index, ofKind('file')),
  ]);
  assertEqual('file documents', expected.files, files);
  assertEqual('chunk documents', expected.chunks, chunks);
  assertEqual('chunks by the file documents', expected.chunks, claimed.chunks);
  const skipped = Object.values(claimed.skips).reduce((sum, count) => sum + count, 0);
  assertEqual('skipped files with a reason', expected.skipped, skipped);
  return claimed.skips;
}

const sum = z.object({ claimed: z.object({ value: z.number() }) });

async function claimedByFiles(
  engine: Engine,
  index: string,
  files: JsonObject,
): Promise<{ readonly chunks: number; readonly skips: SkipCounts }> {
  const reply = await engine.documents.search(index, {
    size: 0,
    query: files,
    aggs: { claimed: { sum: { field: 'chunks' } }, ...skipAggregation },
  });
  requireWhole(reply.failedShards);
  return { chunks: sum.parse(reply.aggregations).claimed.value, skips: skipCountsIn(reply.aggregations) };
}

/** L1: path, mode, content and state of every file document, against the tree. Reads the whole manifest. */
export async function verifyFingerprint({ engine, index, expected, partition }: Verification): Promise<void> {
  const found = new Fingerprint();
  const manifest = readManifest(engine.documents, index, partition);
  for await (const entries of manifest) for (const entry of entries) found.add(entry);
  if (found.toString() === expected.fingerprint.toString()) return;
  throw failed('the file documents are as many as the tree has files, but not the same ones');
}

/** Chunks in one answer: some megabytes. */
const chunksPerSearch = 500;

/** L2: the chunks of some files, one after another, are the text that was cut. */
export async function verifySample({ engine, index, sample }: Verification): Promise<void> {
  for (const files of groupsOf(sample, chunksPerSearch)) {
    const texts = await textsOf(engine, index, files);
    for (const { filePath } of files) {
      const found = texts.get(filePath);
      if (found?.claimedHash !== textHash(found?.text ?? ''))
        throw failed(`the chunks of ${filePath} are not its text`);
    }
  }
}

type FoundText = { readonly text: string; readonly claimedHash: unknown };

async function textsOf(
  engine: Engine,
  index: string,
  files: readonly SampledFile[],
): Promise<ReadonlyMap<string, FoundText>> {
  const reply = await engine.documents.search(index, {
    size: files.reduce((documents, file) => documents + file.chunks + 1, 0),
    query: { terms: { filePath: files.map(file => file.filePath) } },
    // Chunks in their order, then the file document.
    sort: [{ filePath: 'asc' }, { doc: 'asc' }, { seq: 'asc' }],
    _source: ['filePath', 'content', 'text_hash'],
    track_total_hits: false,
  });
  requireWhole(reply.failedShards);
  const texts = new Map<string, FoundText>();
  for (const { source } of reply.hits) {
    const filePath = String(source['filePath']);
    const before = texts.get(filePath);
    const text = `${before?.text ?? ''}${typeof source['content'] === 'string' ? source['content'] : ''}`;
    texts.set(filePath, { text, claimedHash: source['text_hash'] });
  }
  return texts;
}

function assertEqual(what: string, expected: number, found: number): void {
  if (expected !== found) throw failed(`${what}: ${expected} expected by the tree, ${found} in the index`);
}

function failed(message: string): TerminalError {
  return new TerminalError('VerificationFailed', message);
}
