import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';

/** What a commit does to a path: text or bytes of a file, a link, a submodule, or nothing any more. */
export type FileChange =
  string | Buffer | { readonly executable: string } | { readonly link: string } | { readonly submodule: string } | null;

/** Paths are text, or `latin1:` and one character per byte for those that are no UTF-8. */
export type Changes = Readonly<Record<string, FileChange>>;

export type TestRepository = {
  readonly path: string;
  /** Commits onto a branch (default `main`) and gives the commit. Files that are not named stay. */
  commit(changes: Changes, branch?: string): Promise<string>;
  /** Makes a commit with no parent the head of a branch, as a rewrite of history does. */
  rewrite(files: Changes, branch?: string): Promise<string>;
  git(...args: readonly string[]): Promise<string>;
  /** What plain Git lists for a commit; paths are one character per byte. */
  tree(commit: string): Promise<readonly { readonly path: string; readonly mode: string; readonly oid: string }[]>;
  remove(): void;
};

/** A bare repository in a folder of its own; commits are made without a work tree, so every path and mode is possible. */
export async function aRepository(
  options: { readonly at?: string; readonly format?: string } = {},
): Promise<TestRepository> {
  const path = options.at ?? mkdtempSync(join(tmpdir(), 'reindeer-repository-'));
  await git(path, [
    'init',
    '--bare',
    '--quiet',
    '--initial-branch=main',
    `--object-format=${options.format ?? 'sha1'}`,
    path,
  ]);
  const write = async (changes: Changes, branch: string, isRoot: boolean): Promise<string> => {
    return git(path, ['fast-import', '--quiet', '--force'], commitStream(changes, branch, isRoot));
  };
  return {
    path,
    commit: async (changes, branch = 'main') => write(changes, branch, !hasBranch(path, branch)),
    rewrite: (files, branch = 'main') => write(files, branch, true),
    git: (...args) => git(path, args),
    tree: commit => treeOf(path, commit),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** Looked up without a process: tests make thousands of commits, and every fork of theirs is dear. */
function hasBranch(path: string, branch: string): boolean {
  const packed = join(path, 'packed-refs');
  if (existsSync(join(path, 'refs', 'heads', branch))) return true;
  return existsSync(packed) && readFileSync(packed, 'utf8').includes(` refs/heads/${branch}\n`);
}

/** Ends in a question for the name of the commit, which is all that is printed. */
function commitStream(changes: Changes, branch: string, isRoot: boolean): Buffer {
  const lines = [
    Buffer.from(
      `commit refs/heads/${branch}\nmark :1\ncommitter A Tester <tester@example.org> 1700000000 +0000\ndata 1\n.\n`,
    ),
    Buffer.from(isRoot ? 'deleteall\n' : `from refs/heads/${branch}^0\n`),
    ...Object.entries(changes).map(([path, change]) => changeLine(quoted(path), change)),
    Buffer.from('\nget-mark :1\ndone\n'),
  ];
  return Buffer.concat(lines);
}

function changeLine(path: Buffer, change: FileChange): Buffer {
  if (change === null) return Buffer.concat([Buffer.from('D '), path, Buffer.from('\n')]);
  if (typeof change === 'string' || Buffer.isBuffer(change)) return inline('100644', path, Buffer.from(change));
  if ('executable' in change) return inline('100755', path, Buffer.from(change.executable));
  if ('link' in change) return inline('120000', path, Buffer.from(change.link));
  return Buffer.concat([Buffer.from(`M 160000 ${change.submodule} `), path, Buffer.from('\n')]);
}

function inline(mode: string, path: Buffer, content: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from(`M ${mode} inline `),
    path,
    Buffer.from(`\ndata ${content.length}\n`),
    content,
    Buffer.from('\n'),
  ]);
}

/** The bytes of a path as {@link Changes} names it. */
export function bytesOfPath(path: string): Buffer {
  return path.startsWith('latin1:') ? Buffer.from(path.slice(7), 'latin1') : Buffer.from(path);
}

/** Quoted as C does: with every byte but plain ASCII as an octal escape. */
function quoted(path: string): Buffer {
  const text = [...bytesOfPath(path)].map(byte =>
    byte > 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c
      ? String.fromCharCode(byte)
      : `\\${byte.toString(8).padStart(3, '0')}`,
  );
  return Buffer.from(`"${text.join('')}"`);
}

async function treeOf(path: string, commit: string) {
  const listed = await gitBytes(path, ['ls-tree', '-r', '-z', '--full-tree', commit]);
  const records = listed.toString('latin1').split('\0').slice(0, -1);
  return records.map(record => {
    const tab = record.indexOf('\t');
    const [mode = '', , oid = ''] = record.slice(0, tab).split(' ');
    return { path: record.slice(tab + 1), mode, oid };
  });
}

async function git(path: string, args: readonly string[], input: Buffer | string = ''): Promise<string> {
  return (await gitBytes(path, args, input)).toString('utf8').trim();
}

async function gitBytes(path: string, args: readonly string[], input: Buffer | string = ''): Promise<Buffer> {
  const child = spawn('git', ['-c', 'safe.directory=*', '-C', path, ...args], {
    env: { PATH: process.env['PATH'] ?? '', HOME: path, GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // A command that reads no input may be gone before it is sent; its exit code says how it ended.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [output, errors] = await Promise.all([buffer(child.stdout), buffer(child.stderr), once(child, 'close')]);
  if (child.exitCode === 0) return output;
  throw new Error(`git ${args.join(' ')}: ${errors.toString('utf8')}`);
}
