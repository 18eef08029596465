import { withJitter } from '../../domain/back-off.ts';
import { RetryableError } from '../../domain/errors.ts';
import { AnswerTooLargeError } from '../../engine/errors.ts';
import type { PageQuestion, ViewPage } from '../../engine/view-port.ts';
import type { ConfirmedView } from './confirmed-view.ts';
import type { CopyParts } from './parts.ts';
import { documentsIn, type ReadDocument } from './splice.ts';

type ReadParts = Pick<CopyParts, 'engine' | 'clock' | 'random'>;

export type ReadOptions = {
  /** Sequence number; what is above it is read. */
  readonly above: number;
  readonly sources: boolean;
  /** About as large a page should be. */
  readonly pageBytes: number;
  readonly signal: AbortSignal;
};

/** The first page, of which nothing is known, and the most that an engine finds at once by its defaults. */
const firstDocuments = 64;
const mostDocuments = 5_000;
const largestAnswerBytes = 32 * 1024 * 1024;
/** More than an engine takes as one document by its defaults. */
const largestDocumentBytes = 128 * 1024 * 1024;
const busyPauseMs = 500;

/**
 * The documents of a view, page by page in the order of their operations. Pages grow at most twofold, so that one large
 * document after many small ones is not asked for with thousands like it; one that is too large, or that the engine has no
 * room for, is asked for with half as many.
 */
export async function* pagesOf(
  parts: ReadParts,
  { view }: ConfirmedView,
  { above, sources, pageBytes, signal }: ReadOptions,
): AsyncGenerator<readonly ReadDocument[]> {
  let now = view;
  let after: readonly unknown[] | undefined;
  for (let size = firstDocuments; ;) {
    signal.throwIfAborted();
    const page = await pageOrLess(parts, now, { above, sources, size, after });
    if (page === 'too much') {
      size = Math.ceil(size / 2);
      continue;
    }
    const documents = documentsIn(page);
    if (documents.length > 0) yield documents;
    if (documents.length < size) return;
    now = page.view;
    after = documents.at(-1)?.sort;
    const fitting = Math.floor((pageBytes * documents.length) / page.hits.length);
    size = Math.max(1, Math.min(2 * size, mostDocuments, fitting));
  }
}

async function pageOrLess(
  { engine, clock, random }: ReadParts,
  view: ViewPage['view'],
  question: PageQuestion,
): Promise<ViewPage | 'too much'> {
  const isLeast = question.size === 1;
  try {
    const maxBytes = isLeast ? largestDocumentBytes : largestAnswerBytes;
    return await engine.views.page(view, { ...question, maxBytes });
  } catch (error) {
    const isBusy = error instanceof RetryableError && error.reason === 'EngineOverloaded';
    if (isLeast || !(isBusy || error instanceof AnswerTooLargeError)) throw error;
    if (isBusy) await clock.sleep(withJitter(busyPauseMs, random));
    return 'too much';
  }
}
