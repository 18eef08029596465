import { z } from 'zod';
import { TerminalError } from '../../domain/errors.ts';
import type { Engine } from '../../engine/port.ts';
import { fileId, textHash } from './documents.ts';
import { Fingerprint } from './fingerprint.ts';
import { readManifest, requireWhole } from './manifest.ts';
import type { Tally } from './tally.ts';

export type Verification = {
  readonly engine: Engine;
  readonly index: string;
  readonly repo: string;
  readonly expected: Tally;
  /** Files whose text is put together again and compared. */
  readonly sample: readonly string[];
};

/**
 * Compares a refreshed version with the tree. L0: file and chunk documents are as many as the tree has, and as many as
 * the file documents claim. Throws TerminalError(VerificationFailed) with both figures.
 */
export async function verifyCounts({ engine, index, expected }: Verification): Promise<void> {
  const files = await engine.indices.count(index, { term: { doc: 'file' } });
  const chunks = await engine.indices.count(index, { term: { doc: 'chunk' } });
  require('file documents', expected.files, files);
  require('chunk documents', expected.chunks, chunks);
  require('chunks by the file documents', expected.chunks, await claimedChunks(engine, index));
}

const sum = z.object({ claimed: z.object({ value: z.number() }) });

async function claimedChunks(engine: Engine, index: string): Promise<number> {
  const reply = await engine.documents.search(index, {
    size: 0,
    query: { term: { doc: 'file' } },
    aggs: { claimed: { sum: { field: 'chunks' } } },
  });
  requireWhole(reply.failedShards);
  return sum.parse(reply.aggregations).claimed.value;
}

/** L1: path, mode, content and state of every file document, against the tree. Reads the whole manifest. */
export async function verifyFingerprint({ engine, index, expected }: Verification): Promise<void> {
  const found = new Fingerprint();
  for await (const entries of readManifest(engine.documents, index)) for (const entry of entries) found.add(entry);
  if (found.toString() === expected.fingerprint.toString()) return;
  throw failed('the file documents are as many as the tree has files, but not the same ones');
}

/** L2: the chunks of some files, one after another, are the text that was cut. */
export async function verifySample({ engine, index, repo, sample }: Verification): Promise<void> {
  for (const filePath of sample) {
    const file = await engine.documents.get<{ text_hash?: string }>(index, fileId(repo, filePath));
    const text = await textOf(engine, index, filePath);
    if (file?.source.text_hash !== textHash(text)) throw failed(`the chunks of ${filePath} are not its text`);
  }
}

/** As many chunks as a file can have fit in one page. */
const allChunks = 2000;

async function textOf(engine: Engine, index: string, filePath: string): Promise<string> {
  const reply = await engine.documents.search(index, {
    size: allChunks,
    query: { bool: { filter: [{ term: { doc: 'chunk' } }, { term: { filePath } }] } },
    sort: [{ seq: 'asc' }],
    _source: ['content'],
    track_total_hits: false,
  });
  requireWhole(reply.failedShards);
  return reply.hits.map(hit => String(hit.source['content'])).join('');
}

function require(what: string, expected: number, found: number): void {
  if (expected !== found) throw failed(`${what}: ${expected} expected by the tree, ${found} in the index`);
}

function failed(message: string): TerminalError {
  return new TerminalError('VerificationFailed', message);
}
