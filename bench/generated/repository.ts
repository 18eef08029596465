import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { cached, contentKey } from '../../test/bed/cache.ts';
import { run } from '../../test/bed/command.ts';
import { below, seededRandom } from '../harness/random.ts';
import { noun } from './words.ts';
import { anyLanguage, edited, textOf, type Language } from './text.ts';

/** A bare repository with one commit of so many files, and a child of it for each kind of change. */
export type GeneratedRepository = {
  readonly path: string;
  readonly files: number;
  /** Bytes of all files of the base commit. */
  readonly bytes: number;
  readonly base: string;
  /** A commit in which so many files were edited; 0 = another commit of the same tree. */
  readonly changed: Readonly<Record<string, string>>;
  /** A commit in which `renamedFiles` files were moved, content untouched. */
  readonly renamed: string;
};

/** Numbers of edited files that there is a commit for, as far as the repository has so many files. */
export const changeCounts = [0, 1, 10, 100, 1000] as const;
export const renamedFiles = 1000;

const seed = 20260101;
const [name, email, date] = ['Bench', 'bench@example.org', '1767225600 +0000'];
const identity = {
  ...{ GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_AUTHOR_DATE: date },
  ...{ GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email, GIT_COMMITTER_DATE: date },
};
const filesPerFolder = 12;
const medianCharacters = 4000;
const largestCharacters = 200_000;

/** The same text, with the endings of its languages or with one that no grammar is known for. */
export type Endings = 'of-code' | 'of-text';

/** Made once per size and kept outside of the checkout; the same everywhere, down to the commit ids. */
export async function generatedRepository(files: number, endings: Endings = 'of-code'): Promise<GeneratedRepository> {
  const key = contentKey({ folders: [import.meta.dirname], texts: [String(files), String(seed), endings] });
  const name = `bench-repository-${files}-${endings}`;
  const folder = await cached(name, key, unfinished => generate(unfinished, files, endings));
  const known = JSON.parse(readFileSync(join(folder, 'known.json'), 'utf8')) as Omit<GeneratedRepository, 'path'>;
  return { ...known, path: join(folder, 'repository.git') };
}

async function generate(folder: string, files: number, endings: Endings): Promise<void> {
  const path = join(folder, 'repository.git');
  await run(['git', 'init', '--quiet', '--bare', '--initial-branch=main', path]);
  const importer = spawn('git', ['-C', path, 'fast-import', '--quiet'], { stdio: ['pipe', 'inherit', 'inherit'] });
  const bytes = await writeHistory(importer.stdin, files, endings);
  importer.stdin.end();
  const [status] = (await once(importer, 'close')) as [number | null];
  if (status !== 0) throw new Error(`git fast-import ended with ${status ?? 'a signal'}`);
  const changed: Record<string, string> = {};
  for (const count of countsFor(files)) changed[count] = await diffableCommit(path, `changed-${count}`);
  const [base, renamed] = [await diffableCommit(path, 'main'), await diffableCommit(path, 'renamed')];
  // As a server keeps it after its housekeeping.
  await run(['git', '-C', path, 'repack', '-a', '-d', '--quiet', '--threads=1']);
  writeFileSync(join(folder, 'known.json'), JSON.stringify({ files, bytes, base, changed, renamed }));
}

function countsFor(files: number): readonly number[] {
  return changeCounts.filter(count => count <= files);
}

/**
 * The commit of a branch, made anew under another message while its id begins with 0: then, once in sixteen commits, the
 * worker compares the whole tree whatever changed, which is not what is measured here.
 */
async function diffableCommit(path: string, branch: string): Promise<string> {
  const git = ['git', '-C', path];
  let commit = (await run([...git, 'rev-parse', branch])).trim();
  for (let again = 1; commit.startsWith('0'); again += 1) {
    const message = `${branch}, made again ${again}`;
    commit = (await run([...git, 'commit-tree', '-m', message, `${commit}^{tree}`], { env: identity })).trim();
    await run([...git, 'update-ref', `refs/heads/${branch}`, commit]);
  }
  return commit;
}

/** A file of the base commit; the same for the same number. */
function fileAt(
  at: number,
  endings: Endings,
): { readonly path: string; readonly language: Language; readonly text: string } {
  const random = seededRandom(seed + at);
  const language = anyLanguage(random);
  // Log-normal: many small files, few large ones.
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const characters = Math.min(largestCharacters, medianCharacters * Math.exp(normal));
  const path = `${folderAt(Math.floor(at / filesPerFolder))}/${noun(random)}-${at}.${endings === 'of-code' ? language.extension : 'txt'}`;
  return { path, language, text: textOf(random, language, characters) };
}

/** Three to five folders deep, ten subfolders in a folder. */
function folderAt(number: number): string {
  const digits = String(number).padStart(3, '0').split('');
  return [
    'packages',
    ...digits.map((digit, depth) => `${noun(seededRandom(depth * 100 + Number(digit)))}${digit}`),
  ].join('/');
}

/** Gives the bytes of the base commit. */
async function writeHistory(stream: Writable, files: number, endings: Endings): Promise<number> {
  const write = async (text: string): Promise<void> => {
    if (!stream.write(text)) await once(stream, 'drain');
  };
  let bytes = 0;
  await write(commitHead('main', 'base', undefined));
  for (let at = 0; at < files; at += 1) {
    const { path, text } = fileAt(at, endings);
    bytes += Buffer.byteLength(text);
    await write(modify(path, text));
  }
  for (const count of countsFor(files)) {
    await write(commitHead(`changed-${count}`, `${count} files edited`, 'main'));
    for (const at of spread(count, files)) {
      const { path, language, text } = fileAt(at, endings);
      await write(modify(path, edited(seededRandom(seed + files + at), language, text)));
    }
  }
  await write(commitHead('renamed', 'files moved', 'main'));
  for (const at of spread(Math.min(renamedFiles, files), files)) {
    const { path } = fileAt(at, endings);
    await write(`R ${path} ${path.replace('packages/', 'moved/')}\n`);
  }
  await write('\ndone\n');
  return bytes;
}

/** So many different numbers below `end`, anywhere in it: a commit touches files in many folders. */
function spread(count: number, end: number): ReadonlySet<number> {
  const random = seededRandom(seed + count);
  const found = new Set<number>();
  while (found.size < count) found.add(below(random, end));
  return found;
}

function commitHead(branch: string, message: string, from: string | undefined): string {
  const who = `${name} <${email}> ${date}`;
  const parent = from === undefined ? '' : `from refs/heads/${from}\n`;
  return `commit refs/heads/${branch}\ncommitter ${who}\ndata ${message.length}\n${message}\n${parent}`;
}

function modify(path: string, text: string): string {
  return `M 100644 inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}\n`;
}
