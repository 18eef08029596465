import picomatch from 'picomatch';
import type { Selection } from '../../../domain/document-model.ts';
import { baseName, pathBytes } from './paths.ts';

/** Why a file has a place in the manifest but no text in the index. */
export type SkipReason =
  | 'submodule'
  | 'symlink'
  | 'lock-file'
  | 'secret-like'
  | 'generated'
  | 'vendored'
  | 'too-large'
  | 'lfs-pointer'
  | 'binary'
  | 'encoding'
  | 'minified'
  | 'too-many-chunks';

/** Reasons that only the content can give; the others follow from path, mode, attributes and size. */
const contentReasons: ReadonlySet<string> = new Set<SkipReason>([
  'lfs-pointer',
  'binary',
  'encoding',
  'minified',
  'too-many-chunks',
]);

export function isContentReason(reason: string): boolean {
  return contentReasons.has(reason);
}

/** What `.gitattributes` say about a file. */
export type FileAttributes = { readonly generated: boolean; readonly vendored: boolean };

export type Judged = 'excluded' | 'read' | SkipReason;

/** Decides about a file without its content: left out altogether, skipped with a reason, or to be read. */
export type Selector = (filePath: string, mode: string, attributes?: FileAttributes) => Judged;

/**
 * What a path may take in documents, in bytes of UTF-8. Every path that a system can check out fits (4096 bytes), also with
 * each byte written as `%XX`; longer ones do not fit a keyword field and are left out.
 */
const longestPathBytes = 3 * 4096;

/** False for a path that has no document, whatever else is said about it. */
export function fitsDocument(filePath: string): boolean {
  return filePath.length <= longestPathBytes && Buffer.byteLength(filePath) <= longestPathBytes;
}

/** What a repository's own `.indexerignore` says of the bytes of a path; a submodule is a folder to it. */
export type Ignored = (path: Buffer, isFolder: boolean) => boolean;

/**
 * The selector of one run. `ignored` is the repository's own `.indexerignore`. Globs see the whole path; `*` stays within a
 * folder, `**` does not, a leading dot is nothing special, and case counts.
 */
export function createSelector(selection: Selection, ignored: Ignored): Selector {
  const { include = [], exclude = [] } = selection;
  const included = include.length === 0 ? () => true : globs(include);
  const excluded = exclude.length === 0 ? () => false : globs(exclude);
  return (filePath, mode, attributes) => {
    if (!fitsDocument(filePath) || !included(filePath) || excluded(filePath)) return 'excluded';
    if (ignored(pathBytes(filePath), mode === '160000')) return 'excluded';
    return skipReason(filePath, mode, attributes) ?? 'read';
  };
}

function globs(patterns: readonly string[]): (path: string) => boolean {
  return picomatch([...patterns], { dot: true, nonegate: true });
}

function skipReason(filePath: string, mode: string, attributes: FileAttributes | undefined): SkipReason | undefined {
  if (mode === '160000') return 'submodule';
  if (mode === '120000') return 'symlink';
  const name = baseName(filePath);
  if (lockFiles.has(name)) return 'lock-file';
  if (isSecretLike(name)) return 'secret-like';
  if (attributes?.generated === true) return 'generated';
  if (attributes?.vendored === true) return 'vendored';
  return undefined;
}

/** Written by package managers, read by nobody. */
const lockFiles: ReadonlySet<string> = new Set([
  'package-lock.json',
  'npm-shrinkwrap.json',
  'yarn.lock',
  'pnpm-lock.yaml',
  'bun.lock',
  'Cargo.lock',
  'composer.lock',
  'Gemfile.lock',
  'Pipfile.lock',
  'poetry.lock',
  'uv.lock',
  'go.sum',
  'flake.lock',
  'gradle.lockfile',
  'packages.lock.json',
  'mix.lock',
  'pubspec.lock',
  'Podfile.lock',
]);

/** Names under which people commit keys and passwords by mistake; samples and templates are meant to be read. */
function isSecretLike(name: string): boolean {
  if (/\.(?:example|sample|template|dist|pub)$/i.test(name)) return false;
  return (
    /^\.env(?:\..+)?$/.test(name) ||
    /^id_(?:rsa|dsa|ecdsa|ed25519)(?:\..+)?$/.test(name) ||
    /\.(?:pem|key|p12|pfx|jks|keystore|kdbx|ppk|asc|gpg)$/i.test(name) ||
    /^\.?(?:netrc|npmrc|pypirc|htpasswd|git-credentials|pgpass|dockercfg|vault-token)$/.test(name)
  );
}

/** What the first bytes of a Git LFS pointer are; pointers are below 1 KiB. */
const lfsHeader = 'version https://git-lfs.github.com/spec/';
const lfsPointerMaxBytes = 1024;

export function isLfsPointer(bytes: Buffer): boolean {
  return bytes.length < lfsPointerMaxBytes && bytes.toString('latin1', 0, lfsHeader.length) === lfsHeader;
}
