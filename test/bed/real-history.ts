import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached, contentKey } from './cache.ts';
import { run } from './command.ts';
import type { StepRunner } from './progress.ts';

/**
 * A Git repository with real history and no network beyond the package registry: one commit and tag for each of these
 * published versions of a public package. Real adds, deletes, moves, generated and minified files.
 */
const packageName = 'ramda';
const versions = [
  ...['0.19.0', '0.19.1', '0.20.0', '0.20.1', '0.21.0', '0.22.0', '0.22.1', '0.23.0', '0.24.0', '0.24.1', '0.25.0'],
  ...['0.26.0', '0.26.1', '0.27.0', '0.27.1', '0.28.0', '0.29.0', '0.29.1', '0.30.0', '0.30.1', '0.31.3', '0.32.0'],
];

/** Grows when the same versions make another repository. */
const layout = 'layout 2';

export type RealHistory = {
  /** A bare repository; its branch `main` stands at the newest version. */
  readonly repository: string;
  /** Oldest first. The same everywhere: author and times are fixed. */
  readonly commits: readonly { readonly tag: string; readonly commit: string }[];
  /** A commit with all versions side by side, each in a folder: more than 10,000 files, for runs that take a while. */
  readonly wide: string;
};

/** Built once and kept outside of the checkout; about 20 s the first time. */
export async function realHistory(step: StepRunner): Promise<RealHistory> {
  const key = contentKey({ texts: [packageName, ...versions, layout] });
  const folder = await cached('history', key, async unfinished => {
    await step(`the history of ${versions.length} published versions of ${packageName}`, async () => build(unfinished));
  });
  const repository = join(folder, 'history.git');
  const listed = await run(['git', '-C', repository, 'log', '--reverse', '--format=%H %s', 'main']);
  const commits = listed
    .trim()
    .split('\n')
    .map(line => ({ commit: line.slice(0, 40), tag: line.slice(41) }));
  const wide = await run(['git', '-C', repository, 'rev-parse', 'wide']);
  return { repository, commits, wide: wide.trim() };
}

async function build(folder: string): Promise<void> {
  const packed = join(folder, 'packed');
  mkdirSync(packed);
  const names = versions.map(version => `${packageName}@${version}`);
  await run(['npm', 'pack', '--silent', '--pack-destination', packed, ...names]);
  const work = join(folder, 'work');
  await run(['git', 'init', '--quiet', '--initial-branch=main', work]);
  for (const [at, version] of versions.entries()) await commit({ work, packed, version, at });
  await run(['git', 'clone', '--quiet', '--bare', work, join(folder, 'history.git')]);
  await sideBySide(join(folder, 'history.git'));
  rmSync(packed, { recursive: true });
  rmSync(work, { recursive: true });
}

async function commit({
  work,
  packed,
  version,
  at,
}: {
  work: string;
  packed: string;
  version: string;
  at: number;
}): Promise<void> {
  const git = join(work, '.git');
  const kept = join(packed, 'git');
  renameSync(git, kept);
  rmSync(work, { recursive: true });
  mkdirSync(work);
  await run([
    'tar',
    '-xzf',
    join(packed, `${packageName}-${version}.tgz`),
    '-C',
    work,
    '--strip-components=1',
    '--no-same-owner',
  ]);
  renameSync(kept, git);
  withoutRegistryWords(join(work, 'package.json'));
  await run(['git', '-C', work, 'add', '--all', '--force']);
  const time = `2026-01-${String(at + 1).padStart(2, '0')}T12:00:00Z`;
  await run(['git', '-C', work, '-c', 'core.autocrlf=false', 'commit', '--quiet', '-m', `v${version}`], {
    env: identity(time),
  });
  await run(['git', '-C', work, 'tag', `v${version}`]);
}

async function sideBySide(repository: string): Promise<void> {
  const git = ['git', '-C', repository];
  const lines = await Promise.all(
    versions.map(async version => {
      const tree = await run([...git, 'rev-parse', `v${version}^{tree}`]);
      return `040000 tree ${tree.trim()}\tv${version}\n`;
    }),
  );
  const tree = await run([...git, 'mktree'], { input: lines.join('') });
  const env = { ...identity('2026-02-01T12:00:00Z') };
  const commit = await run([...git, 'commit-tree', '-m', 'side by side', tree.trim()], { env });
  await run([...git, 'branch', 'wide', commit.trim()]);
}

function identity(time: string): Readonly<Record<string, string>> {
  const [name, email] = ['history', 'history@example.org'];
  return {
    ...{ GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_AUTHOR_DATE: time },
    ...{ GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email, GIT_COMMITTER_DATE: time },
  };
}

/** Some registries write where a package was fetched from into its manifest: the same commit ids everywhere want it away. */
function withoutRegistryWords(manifest: string): void {
  const fields = Object.entries(JSON.parse(readFileSync(manifest, 'utf8')) as Record<string, unknown>);
  writeFileSync(
    manifest,
    `${JSON.stringify(Object.fromEntries(fields.filter(([name]) => !name.startsWith('_'))), undefined, 2)}\n`,
  );
}
