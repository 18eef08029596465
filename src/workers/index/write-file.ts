import { RetryableError } from '../../domain/errors.ts';
import type { Repository } from '../../git/repository.ts';
import { readBlobs } from '../../git/objects.ts';
import { deleteOperation, indexOperation, type Operation } from './bulk-item.ts';
import type { FileWrite } from './bulk-writer.ts';
import type { Change, Previous } from './change.ts';
import {
  chunkIds,
  fileDocuments,
  fileId,
  skippedFile,
  type DocumentContext,
  type FileDocuments,
  type FileEntry,
} from './documents.ts';
import type { PlanFile, PlannedChange } from './plan-file.ts';

/** What becomes of a change: the documents that it puts (absent for a removal), and how they are written. */
export type Step = { readonly change: Change; readonly documents?: FileDocuments; readonly write: FileWrite };

export type StepContext = {
  readonly documents: DocumentContext;
  readonly token: number;
  readonly maxFileBytes: number;
};

/** Turns the plan into writes, in the order of the plan; contents come out of one Git process. */
export async function* stepsOf(plan: PlanFile, repository: Repository, context: StepContext): AsyncGenerator<Step> {
  const isRead = (planned: PlannedChange) => needsContent(planned, context.maxFileBytes);
  const blobs = readBlobs(repository.store, oidsOf(plan, isRead));
  try {
    for await (const planned of plan.read()) {
      const next = isRead(planned) ? await blobs.next() : undefined;
      const bytes = next === undefined || next.done === true ? undefined : next.value.bytes;
      yield stepOf(planned, bytes, repository.missingBlob, context);
    }
  } finally {
    await blobs.return(undefined);
  }
}

async function* oidsOf(plan: PlanFile, isRead: (planned: PlannedChange) => boolean): AsyncGenerator<string> {
  for await (const planned of plan.read()) {
    if (planned.change.do === 'put' && isRead(planned)) yield planned.change.oid;
  }
}

function needsContent({ change, sizeBytes }: PlannedChange, maxFileBytes: number): boolean {
  return change.do === 'put' && change.judged === 'read' && sizeBytes !== undefined && sizeBytes <= maxFileBytes;
}

function stepOf(
  { change, sizeBytes }: PlannedChange,
  bytes: Buffer | undefined,
  missingBlob: Repository['missingBlob'],
  context: StepContext,
): Step {
  if (change.do === 'remove') return { change, write: removal(change, context) };
  if (change.judged === 'read' && sizeBytes === undefined && missingBlob === 'broken') {
    throw new RetryableError('RemoteUnreachable', `the repository lacks the content of ${change.filePath}`);
  }
  const documents = documentsOf(change, bytes, context.documents);
  return { change, documents, write: putting(change, documents, context) };
}

function documentsOf(
  change: Extract<Change, { do: 'put' }>,
  bytes: Buffer | undefined,
  context: DocumentContext,
): FileDocuments {
  if (change.judged !== 'read') return skippedFile(context, change, change.judged);
  return bytes === undefined ? skippedFile(context, change, 'too-large') : fileDocuments(context, change, bytes);
}

function removal(change: Extract<Change, { do: 'remove' }>, { documents, token }: StepContext): FileWrite {
  const { filePath, previous } = change;
  return {
    filePath,
    chunks: [],
    stale: chunkDeletes(documents.repo, filePath, previous, token),
    document: deleteOperation(fileId(documents.repo, filePath), token),
  };
}

/**
 * The version holds exactly these chunks: the same content at the same path gives the same ones. Then only the file
 * document is written anew, as for a change of mode or branch.
 */
export function hasSameChunks({ oid, previous }: Extract<Change, { do: 'put' }>, documents: FileDocuments): boolean {
  return previous?.oid === oid && previous.state === documents.state && previous.chunks === documents.chunkCount;
}

function putting(
  change: Extract<Change, { do: 'put' }>,
  documents: FileDocuments,
  { documents: { repo }, token }: StepContext,
): FileWrite {
  const { filePath, previous } = change;
  const isSame = hasSameChunks(change, documents);
  return {
    filePath,
    chunks: isSame ? [] : operationsOf(documents, token),
    stale: isSame || previous === undefined ? [] : staleChunks(repo, change, previous, { documents, token }),
    document: indexOperation(documents.file.id, documents.file.json, token),
  };
}

/** Chunks of the content before. Of the same content only those beyond the new number, which is none or all of them. */
function staleChunks(
  repo: string,
  { filePath, oid }: FileEntry,
  previous: Previous,
  now: { readonly documents: FileDocuments; readonly token: number },
): readonly Operation[] {
  const deletes = chunkDeletes(repo, filePath, previous, now.token);
  return previous.oid === oid ? deletes.slice(now.documents.chunkCount) : deletes;
}

function* operationsOf(documents: FileDocuments, token: number): Generator<Operation> {
  for (const { id, json } of documents.chunks) yield indexOperation(id, json, token);
}

function chunkDeletes(repo: string, filePath: string, previous: Previous, token: number): readonly Operation[] {
  const idOf = chunkIds(repo, { filePath, oid: previous.oid });
  return Array.from({ length: previous.chunks }, (_, seq) => deleteOperation(idOf(seq), token));
}
