import { hash } from 'node:crypto';
import { chunkerHash, schemaVersion } from '../../../domain/document-model.ts';
import { indexOperation, type Operation } from '../../bulk/operation.ts';
import { cutPlainly, type Cut, type DescribedPiece } from '../syntax/cut.ts';
import { grammarOf } from '../syntax/grammar-choice.ts';
import { languageOf, type Language } from '../syntax/language.ts';
import { decode, type Decoded } from '../tree/decode.ts';
import { bucketOf } from '../tree/partition.ts';
import { directoryFields, pathBytes } from '../tree/paths.ts';
import { isLfsPointer, type SkipReason } from '../tree/selection.ts';
import { isMinified, withoutLongLines } from './long-lines.ts';
import { notebookOf } from './notebook.ts';
import { searchWords } from './words.ts';

/** What all documents of one run have in common. */
export type DocumentContext = {
  readonly repo: string;
  readonly repoUrl: string;
  readonly branch: string;
  /** RFC 3339. */
  readonly indexedAt: string;
  /** Of the lease that everything is written under. */
  readonly token: number;
};

/** A file of the tree. */
export type FileEntry = { readonly filePath: string; readonly mode: string; readonly oid: string };

/** What becomes of one file. `chunks` is lazy: a large file is never in memory twice. */
export type FileDocuments = {
  readonly state: 'indexed' | 'skipped';
  readonly chunkCount: number;
  readonly chunks: Iterable<Operation>;
  readonly file: Operation;
  /** There is a grammar for it, and yet it was cut by lines. */
  readonly fellBack: boolean;
};

/** More pieces than this are data, whatever the name says. */
const maxChunks = 2000;

const idLength = 27;
const nul = '\0';

/** Id of a file document: the same for every content of the path. */
export function fileId(repo: string, filePath: string): string {
  const key = Buffer.concat([Buffer.from(`${repo}${nul}`), pathBytes(filePath)]);
  return `f.${hash('sha256', key, 'base64url').slice(0, idLength)}`;
}

/**
 * Ids of chunks by their number: path, content and way of cutting make them, so they are the same from whatever run, and
 * those of a replaced file follow from its file document.
 */
export function chunkIds(
  repo: string,
  { filePath, oid }: Pick<FileEntry, 'filePath' | 'oid'>,
): (seq: number) => string {
  const head = Buffer.from([schemaVersion, chunkerHash, repo, ''].join(nul));
  const prefix = Buffer.concat([head, pathBytes(filePath), Buffer.from(`${nul}${oid}${nul}`)]);
  return seq => {
    const key = Buffer.concat([prefix, Buffer.from(String(seq))]);
    return `c.${hash('sha256', key, 'base64url').slice(0, idLength)}`;
  };
}

/** Documents of a file whose content was not looked at. */
export function skippedFile(context: DocumentContext, entry: FileEntry, reason: SkipReason): FileDocuments {
  return withoutText(context, entry, { skip_reason: reason });
}

/** `language` is what the text is in: of a notebook, what its cells are in. */
export type Text = Extract<Decoded, { is: 'text' }> & { readonly language: Language };
type Skipped = { readonly is: 'skipped'; readonly reason: SkipReason };

/** The text of a file, or why it has none in the index. */
export function textOf(filePath: string, bytes: Buffer): Text | Skipped {
  if (isLfsPointer(bytes)) return { is: 'skipped', reason: 'lfs-pointer' };
  const decoded = decode(bytes);
  if (decoded.is === 'binary') return { is: 'skipped', reason: 'binary' };
  if (decoded.is === 'unknown encoding') return { is: 'skipped', reason: 'encoding' };
  const { text, language } = notebookOf(filePath, decoded.text) ?? {
    text: decoded.text,
    language: languageOf(filePath),
  };
  if (isMinified(text, language.type)) return { is: 'skipped', reason: 'minified' };
  return { ...decoded, text: withoutLongLines(text, language.type), language };
}

/** What the content of a file turned out to be; its size in bytes. */
export type FileContent = { readonly size: number } & ((Text & { readonly cut: Cut }) | Skipped);

/** Documents of a file whose content was looked at. */
export function fileDocuments(context: DocumentContext, entry: FileEntry, content: FileContent): FileDocuments {
  const { size } = content;
  if (content.is === 'skipped') return withoutText(context, entry, { skip_reason: content.reason, size });
  if (content.cut.pieces.length <= maxChunks) return withText(context, entry, content);
  return withoutText(context, entry, { skip_reason: 'too-many-chunks', size });
}

/** Documents of a file that no grammar is asked about. */
export function plainDocuments(context: DocumentContext, entry: FileEntry, bytes: Buffer): FileDocuments {
  const size = bytes.length;
  const found = textOf(entry.filePath, bytes);
  if (found.is === 'skipped') return fileDocuments(context, entry, { ...found, size });
  const cut = cutPlainly(found.text, found.language.language);
  return fileDocuments(context, entry, { ...found, size, cut });
}

function withoutText(context: DocumentContext, entry: FileEntry, own: object): FileDocuments {
  const source = { ...fileFields(context, entry, sharedFields(context, entry)), state: 'skipped', chunks: 0, ...own };
  return { state: 'skipped', chunkCount: 0, chunks: [], file: fileOperation(context, entry, source), fellBack: false };
}

function withText(
  context: DocumentContext,
  entry: FileEntry,
  { size, text, encoding, eol, language, cut: { parser, pieces } }: Extract<FileContent, { is: 'text' }>,
): FileDocuments {
  const shared = { ...sharedFields(context, entry), ...language, parser };
  const source = {
    ...fileFields(context, entry, shared),
    state: 'indexed',
    size,
    chunks: pieces.length,
    text_hash: textHash(text),
    encoding,
    eol,
  };
  return {
    state: 'indexed',
    chunkCount: pieces.length,
    chunks: chunkOperations(context, entry, shared, text, pieces),
    file: fileOperation(context, entry, source),
    fellBack: parser === 'lines' && grammarOf(entry.filePath, language.language) !== undefined,
  };
}

function fileOperation({ repo, token }: DocumentContext, { filePath }: FileEntry, source: object): Operation {
  return indexOperation(fileId(repo, filePath), JSON.stringify(source), token);
}

/** What `text_hash` of a file document holds, over the normalised text. */
export function textHash(text: string): string {
  return hash('sha256', text, 'hex');
}

function sharedFields(context: DocumentContext, { filePath, oid }: FileEntry) {
  return {
    repo: context.repo,
    filePath,
    bucket: bucketOf(filePath),
    ...directoryFields(filePath),
    path_tokens: searchWords(filePath),
    ...languageOf(filePath),
    git_file_hash: oid,
    indexed_at: context.indexedAt,
  };
}

function fileFields(context: DocumentContext, { mode }: FileEntry, shared: object) {
  return { doc: 'file', ...shared, repo_url: context.repoUrl, git_branch: context.branch, git_mode: mode };
}

function* chunkOperations(
  context: DocumentContext,
  entry: FileEntry,
  shared: object,
  text: string,
  pieces: readonly DescribedPiece[],
): Generator<Operation> {
  const idOf = chunkIds(context.repo, entry);
  // The part that is the same in every chunk is stringified once.
  const head = JSON.stringify({ doc: 'chunk', ...shared }).slice(0, -1);
  let startByte = 0;
  for (const [seq, { start, end, startLine, endLine, fields }] of pieces.entries()) {
    const content = text.slice(start, end);
    const endByte = startByte + Buffer.byteLength(content);
    const id = idOf(seq);
    const own = {
      ...fields,
      seq,
      startLine,
      endLine,
      startByte,
      endByte,
      content,
      tokens: searchWords(content),
      chunk_hash: hash('sha256', content, 'base64url').slice(0, idLength),
      chunk_id: id,
    };
    yield indexOperation(id, `${head},${JSON.stringify(own).slice(1)}`, context.token);
    startByte = endByte;
  }
}
