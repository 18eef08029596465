import type { DocumentContext, FileEntry } from './documents.ts';

/** A file to make the documents of. Answered in the order of asking. */
export type ThreadTask = {
  readonly context: DocumentContext;
  readonly entry: FileEntry;
  readonly bytes: Uint8Array<ArrayBuffer>;
};

/** The operations of one file, end to end in one buffer that changes hands instead of being copied. */
export type PackedDocuments = {
  readonly state: 'indexed' | 'skipped';
  readonly fellBack: boolean;
  readonly fileId: string;
  readonly chunkIds: readonly string[];
  /** Where each operation ends; the last one is that of the file document. */
  readonly ends: readonly number[];
  readonly bytes: Uint8Array<ArrayBuffer>;
};

/** `memoryBytes` is what the thread holds for its grammars and never gives back. */
export type ThreadAnswer =
  | { readonly is: 'made'; readonly documents: PackedDocuments; readonly memoryBytes: number }
  /** The grammar's program failed inside of itself: the thread is of no more use, the file may be to another one. */
  | { readonly is: 'trapped'; readonly message: string }
  /** An error of ours. */
  | { readonly is: 'failed'; readonly message: string };
