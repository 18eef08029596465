import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Git's own answers about ignore files: there is no work tree, so no file is there that could decide otherwise. */
export type GitIgnore = {
  /** Which of these paths an ignore file of this content leaves out. Both hold one character per byte. */
  ignored(file: string, paths: readonly string[]): readonly boolean[];
  remove(): void;
};

export function gitIgnore(): GitIgnore {
  const folder = mkdtempSync(join(tmpdir(), 'reindeer-ignore-'));
  const [file, tree] = [join(folder, 'ignore'), join(folder, 'tree')];
  mkdirSync(tree);
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C' };
  const git = (args: readonly string[], input = ''): Buffer => {
    const { status, stdout, stderr } = spawnSync('git', ['-C', tree, ...args], {
      input: Buffer.from(input, 'latin1'),
      env,
    });
    if (status !== 0 && status !== 1) throw new Error(`git ${args.join(' ')}: ${stderr.toString()}`);
    return stdout;
  };
  git(['init', '--quiet']);
  return {
    ignored: (text, paths) => {
      writeFileSync(file, text, 'latin1');
      const how = ['-c', `core.excludesFile=${file}`, 'check-ignore', '--no-index', '--stdin', '-z', '-v', '-n'];
      // Source, line, pattern and path for each; the pattern is empty where none matches.
      const fields = git(how, paths.map(path => `${path}\0`).join(''))
        .toString('latin1')
        .split('\0');
      return paths.map((_, i) => /^[^!]/.test(fields[i * 4 + 2] ?? ''));
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
