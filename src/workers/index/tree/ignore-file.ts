import type { Ignored } from './selection.ts';
import { parseGlob, type Glob } from './wildmatch.ts';

/** One line of an ignore file. Texts hold one character per byte, as Git compares bytes. */
type Rule = {
  readonly ignores: boolean;
  readonly foldersOnly: boolean;
  /** What is compared: the last part of a path, or all of it. */
  readonly by: 'name' | 'path';
  readonly glob: Glob;
};

/** Folders whose verdict is remembered; those of a tree come one after another. */
const mostFolders = 10_000;

/**
 * Reads a file in the syntax of `.gitignore`, as `configurationBytes` gives it, and answers as `git check-ignore` would for
 * a file of this content at the root: the last line that matches wins, and nothing below an ignored folder comes back.
 */
export function parseIgnoreFile(bytes: Buffer): Ignored {
  const rules = bytes.toString('latin1').split('\n').flatMap(ruleOf);
  if (rules.length === 0) return () => false;
  rules.reverse();
  const verdict = (path: string, isFolder: boolean): boolean =>
    rules.find(rule => (isFolder || !rule.foldersOnly) && isMatch(rule, path))?.ignores ?? false;
  const folders = new Map<string, boolean>();
  const isFolderIgnored = (folder: string): boolean => {
    const known = folders.get(folder);
    if (known !== undefined) return known;
    if (folders.size >= mostFolders) folders.clear();
    // From the root on: an ignored folder decides about all that is in it.
    let ignored = false;
    for (let end = folder.indexOf('/'); !ignored; end = folder.indexOf('/', end + 1)) {
      const above = end < 0 ? folder : folder.slice(0, end);
      ignored = folders.get(above) ?? verdict(above, true);
      folders.set(above, ignored);
      if (end < 0) break;
    }
    folders.set(folder, ignored);
    return ignored;
  };
  return (bytesOfPath, isFolder) => {
    const path = bytesOfPath.toString('latin1');
    const slash = path.lastIndexOf('/');
    return (slash > 0 && isFolderIgnored(path.slice(0, slash))) || verdict(path, isFolder);
  };
}

function isMatch({ by, glob }: Rule, path: string): boolean {
  return glob(by === 'name' ? path.slice(path.lastIndexOf('/') + 1) : path);
}

function ruleOf(line: string): readonly Rule[] {
  // What follows a NUL is not there for Git.
  const [text = ''] = line.replace(/\r$/, '').split('\0');
  if (text === '' || text.startsWith('#')) return [];
  const written = withoutTrailingSpaces(text);
  const ignores = !written.startsWith('!');
  const pattern = ignores ? written : written.slice(1);
  const foldersOnly = pattern.endsWith('/');
  const bare = foldersOnly ? pattern.slice(0, -1) : pattern;
  // A slash anywhere but at the end ties the pattern to the root of the repository.
  const by = bare.includes('/') ? 'path' : 'name';
  const glob = parseGlob(bare.startsWith('/') ? bare.slice(1) : bare, by);
  return glob === undefined ? [] : [{ ignores, foldersOnly, by, glob }];
}

/** Spaces at the end do not count, unless a backslash stands before them. */
function withoutTrailingSpaces(text: string): string {
  let end = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === ' ') continue;
    end = at + 1;
  }
  return text.slice(0, end);
}
