import { hash } from 'node:crypto';
import { chunkerHash, chunking, schemaVersion } from '../../domain/document-model.ts';
import { decode, type Decoded } from './decode.ts';
import { languageOf } from './language.ts';
import { cutLines, type Piece } from './lines.ts';
import { bucketOf } from './partition.ts';
import { directoryFields, pathBytes } from './paths.ts';
import { isLfsPointer, isMinified, type SkipReason } from './selection.ts';
import { searchWords } from './words.ts';

/** What all documents of one run have in common. */
export type DocumentContext = {
  readonly repo: string;
  readonly repoUrl: string;
  readonly branch: string;
  /** RFC 3339. */
  readonly indexedAt: string;
};

/** A file of the tree. */
export type FileEntry = { readonly filePath: string; readonly mode: string; readonly oid: string };

/** A document as it is sent: its id, and its source as JSON text, stringified once. */
export type DocumentJson = { readonly id: string; readonly json: string };

/** What becomes of one file. `chunks` is lazy: a large file is never in memory twice. */
export type FileDocuments = {
  readonly state: 'indexed' | 'skipped';
  readonly chunkCount: number;
  readonly chunks: Iterable<DocumentJson>;
  readonly file: DocumentJson;
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

/** Documents of a file out of its bytes: indexed, or skipped for what the bytes turned out to be. */
export function fileDocuments(context: DocumentContext, entry: FileEntry, bytes: Buffer): FileDocuments {
  const skipped = (reason: SkipReason) => withoutText(context, entry, { skip_reason: reason, size: bytes.length });
  if (isLfsPointer(bytes)) return skipped('lfs-pointer');
  const decoded = decode(bytes);
  if (decoded.is === 'binary') return skipped('binary');
  if (isMinified(decoded.text)) return skipped('minified');
  const pieces = cutLines(decoded.text, chunking);
  if (pieces.length > maxChunks) return skipped('too-many-chunks');
  return withText(context, entry, bytes.length, decoded, pieces);
}

function withoutText(context: DocumentContext, entry: FileEntry, own: object): FileDocuments {
  const source = { ...fileFields(context, entry, sharedFields(context, entry)), state: 'skipped', chunks: 0, ...own };
  return {
    state: 'skipped',
    chunkCount: 0,
    chunks: [],
    file: { id: fileId(context.repo, entry.filePath), json: JSON.stringify(source) },
  };
}

function withText(
  context: DocumentContext,
  entry: FileEntry,
  size: number,
  { text, encoding, eol }: Extract<Decoded, { is: 'text' }>,
  pieces: readonly Piece[],
): FileDocuments {
  const shared = { ...sharedFields(context, entry), parser: chunking.chunker };
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
    chunks: chunkDocuments(context, entry, shared, text, pieces),
    file: { id: fileId(context.repo, entry.filePath), json: JSON.stringify(source) },
  };
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

function* chunkDocuments(
  context: DocumentContext,
  entry: FileEntry,
  shared: object,
  text: string,
  pieces: readonly Piece[],
): Generator<DocumentJson> {
  const idOf = chunkIds(context.repo, entry);
  // The part that is the same in every chunk is stringified once.
  const head = JSON.stringify({ doc: 'chunk', kind: 'lines', ...shared }).slice(0, -1);
  let startByte = 0;
  for (const [seq, { start, end, startLine, endLine }] of pieces.entries()) {
    const content = text.slice(start, end);
    const endByte = startByte + Buffer.byteLength(content);
    const id = idOf(seq);
    const own = {
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
    yield { id, json: `${head},${JSON.stringify(own).slice(1)}` };
    startByte = endByte;
  }
}
