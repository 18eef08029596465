import { RetryableError, TerminalError } from '../../domain/errors.ts';
import { readBlobs } from '../../git/objects.ts';
import type { Repository } from '../../git/repository.ts';
import type { FileWrite } from '../bulk/bulk-writer.ts';
import { deleteOperation, type Operation } from '../bulk/operation.ts';
import type { DocumentMaker } from './documents/document-maker.ts';
import { chunkIds, fileId, skippedFile, type FileDocuments, type FileEntry } from './documents/documents.ts';
import type { PlanFile, PlannedChange } from './plan/plan-file.ts';
import type { Change, Previous } from './tree/change.ts';

/** What becomes of a change: the documents that it puts (absent for a removal), and how they are written. */
export type Step = { readonly change: Change; readonly documents?: FileDocuments; readonly write: FileWrite };

export type StepContext = {
  readonly maker: Pick<DocumentMaker, 'context' | 'make'>;
  readonly maxFileBytes: number;
  /** How much content may be on its way through the maker, in bytes; a larger file goes alone. */
  readonly aheadBytes: number;
};

/** Files on their way, whatever their size. */
const mostAhead = 128;

/** Turns the plan into writes, in the order of the plan; contents come out of one Git process. */
export async function* stepsOf(plan: PlanFile, repository: Repository, context: StepContext): AsyncGenerator<Step> {
  const ahead: { readonly step: Promise<Step>; readonly bytes: number }[] = [];
  let bytesAhead = 0;
  const next = (): Promise<Step> | undefined => {
    const first = ahead.shift();
    bytesAhead -= first?.bytes ?? 0;
    return first?.step;
  };
  for await (const { planned, bytes } of contentsOf(plan, repository, context)) {
    const length = bytes?.length ?? 0;
    while (ahead.length >= mostAhead || (ahead.length > 0 && bytesAhead + length > context.aheadBytes)) {
      yield await (next() as Promise<Step>); // there is one
    }
    const step = stepOf(planned, bytes, repository.missingBlob, context);
    // Awaited later, or never when another one fails before.
    step.catch(() => undefined);
    ahead.push({ step, bytes: length });
    bytesAhead += length;
  }
  for (let step = next(); step !== undefined; step = next()) yield await step;
}

type Content = { readonly planned: PlannedChange; readonly bytes: Buffer | undefined };

async function* contentsOf(plan: PlanFile, repository: Repository, context: StepContext): AsyncGenerator<Content> {
  const isRead = (planned: PlannedChange) => needsContent(planned, context.maxFileBytes);
  const blobs = readBlobs(repository.store, oidsOf(plan, isRead));
  try {
    for await (const planned of plan.read()) {
      const next = isRead(planned) ? await blobs.next() : undefined;
      yield { planned, bytes: next === undefined || next.done === true ? undefined : next.value.bytes };
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

async function stepOf(
  { change, sizeBytes }: PlannedChange,
  bytes: Buffer | undefined,
  missingBlob: Repository['missingBlob'],
  { maker }: StepContext,
): Promise<Step> {
  const { repo, token } = maker.context;
  if (change.do === 'remove') return { change, write: removal(change, repo, token) };
  if (change.judged === 'read' && sizeBytes === undefined && missingBlob !== 'too-large') {
    const message = `the repository lacks the content of ${change.filePath}`;
    if (missingBlob === 'broken') throw new RetryableError('RemoteUnreachable', message);
    throw new TerminalError('RepositoryIncomplete', message);
  }
  const documents = await documentsOf(change, bytes, maker);
  return { change, documents, write: putting(change, documents, repo, token) };
}

async function documentsOf(
  change: Extract<Change, { do: 'put' }>,
  bytes: Buffer | undefined,
  maker: StepContext['maker'],
): Promise<FileDocuments> {
  if (change.judged !== 'read') return skippedFile(maker.context, change, change.judged);
  return bytes === undefined ? skippedFile(maker.context, change, 'too-large') : maker.make(change, bytes);
}

function removal(change: Extract<Change, { do: 'remove' }>, repo: string, token: number): FileWrite {
  const { filePath, previous } = change;
  return {
    filePath,
    chunks: [],
    stale: chunkDeletes(repo, filePath, previous, token),
    document: deleteOperation(fileId(repo, filePath), token),
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
  repo: string,
  token: number,
): FileWrite {
  const { filePath, previous } = change;
  const isSame = hasSameChunks(change, documents);
  return {
    filePath,
    chunks: isSame ? [] : documents.chunks,
    stale: isSame || previous === undefined ? [] : staleChunks(repo, change, previous, { documents, token }),
    document: documents.file,
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

function chunkDeletes(repo: string, filePath: string, previous: Previous, token: number): readonly Operation[] {
  const idOf = chunkIds(repo, { filePath, oid: previous.oid });
  return Array.from({ length: previous.chunks }, (_, seq) => deleteOperation(idOf(seq), token));
}
