import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** A commit and what a right version of it shows: each path with a word that only this content has. */
export type SampleCommit = { readonly commit: string; readonly files: ReadonlyMap<string, string> };

export type SampleRepository = {
  /** Of the folder that is served. */
  readonly name: string;
  /** `second` follows `first` on the branch main: one file changed, one gone, one new. */
  readonly first: SampleCommit;
  readonly second: SampleCommit;
  /** A branch with enough files that a worker can be interrupted among them. */
  readonly big: SampleCommit;
};

const bigFiles = 6000;

const first = new Map(Array.from({ length: 12 }, (_, i) => [`src/file-${i}.txt`, `alpha${i}first`]));
const second = new Map([
  ...[...first].filter(([path]) => path !== 'src/file-1.txt'),
  ['src/file-0.txt', 'alpha0second'],
  ['docs/new.md', 'alphanew'],
]);
const big = new Map(Array.from({ length: bigFiles }, (_, i) => [`part-${i % 60}/file-${i}.txt`, `beta${i}`]));

/** Makes the bare repository `sample.git` in a folder. */
export async function makeSampleRepository(folder: string): Promise<SampleRepository> {
  const path = join(folder, 'sample.git');
  await git(folder, ['init', '--bare', '--quiet', '--initial-branch=main', path]);
  // What large Git hosts allow too.
  for (const setting of ['allowAnySHA1InWant', 'allowFilter'])
    await git(path, ['config', `uploadpack.${setting}`, 'true']);
  const stream = `${commit('main', 'first', first)}${commit('main', 'second', second)}${commit('big', 'big', big)}done\n`;
  await git(path, ['fast-import', '--quiet', '--done'], stream);
  const at = async (revision: string): Promise<string> => git(path, ['rev-parse', revision]);
  return {
    name: 'sample.git',
    first: { commit: await at('main~1'), files: first },
    second: { commit: await at('main'), files: second },
    big: { commit: await at('big'), files: big },
  };
}

function commit(branch: string, message: string, files: ReadonlyMap<string, string>): string {
  const written = [...files].map(([path, word]) => {
    const content = `${word}\n${`text of ${path}\n`.repeat(30)}`;
    return `M 100644 inline ${path}\ndata ${Buffer.byteLength(content)}\n${content}\n`;
  });
  const by = 'committer Conformance <conformance@example.org> 1700000000 +0000';
  return `commit refs/heads/${branch}\n${by}\ndata ${message.length}\n${message}\ndeleteall\n${written.join('')}\n`;
}

async function git(folder: string, args: readonly string[], input = ''): Promise<string> {
  const child = spawn('git', ['-C', folder, ...args], {
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  if (child.exitCode === 0) return output.trim();
  throw new Error(`git ${args[0] ?? ''}: ${errors.trim()}`);
}
