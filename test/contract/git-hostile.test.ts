import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openRemote } from '../../src/git/repository.ts';
import { aGitServer } from '../support/real/a-git-server.ts';
import { aRepository, type TestRepository } from '../support/real/a-repository.ts';
import { aVersion } from '../support/real/an-indexed-version.ts';
import { fakeEngine } from '../support/fakes/fake-engine.ts';
import { run } from '../bed/command.ts';

/** Every way in which Git can be told to run a program: each would leave a file behind. */
function hostileConfiguration(canary: string): string {
  const program = `touch ${canary}; cat`;
  return [
    '[core]',
    `\tfsmonitor = ${program}`,
    `\thooksPath = ${canary}-hooks`,
    `\tsshCommand = ${program}`,
    `\taskPass = ${program}`,
    `\tpager = ${program}`,
    `\tattributesFile = ${canary}-attributes`,
    '[filter "evil"]',
    `\tclean = ${program}`,
    `\tsmudge = ${program}`,
    `\tprocess = ${program}`,
    '\trequired = true',
    '[diff "evil"]',
    `\tcommand = ${program}`,
    `\ttextconv = ${program}`,
    '[diff]',
    `\texternal = ${program}`,
    '[credential]',
    `\thelper = !${program}`,
    '[uploadpack]',
    `\tpackObjectsHook = ${program}`,
    '[include]',
    `\tpath = ${canary}-included`,
    '',
  ].join('\n');
}

const hooks = ['post-checkout', 'pre-auto-gc', 'post-merge', 'reference-transaction', 'post-index-change', 'fsmonitor'];
const files = {
  '.gitattributes': '* filter=evil diff=evil text eol=crlf\n*.txt working-tree-encoding=UTF-16\n',
  '.gitmodules': '[submodule "evil"]\n\tpath = evil\n\turl = ext::sh -c touch% canary\n\tupdate = !touch canary\n',
  'a.txt': 'plain\n',
  '.lfsconfig': '[lfs]\n\turl = https://127.0.0.1:1/\n',
};

describe('what a repository or this machine tells Git to run', () => {
  let folder: string;
  let canary: string;
  let before: NodeJS.ProcessEnv;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'reindeer-hostile-'));
    canary = join(folder, 'canary');
    writeFileSync(`${canary}-included`, `[core]\n\tfsmonitor = touch ${canary}\n`);
    writeFileSync(`${canary}-attributes`, '* filter=evil\n');
    mkdirSync(`${canary}-hooks`);
    for (const hook of hooks)
      writeFileSync(join(`${canary}-hooks`, hook), `#!/bin/sh\ntouch ${canary}\n`, { mode: 0o755 });
    writeFileSync(join(folder, '.gitconfig'), hostileConfiguration(canary));
    before = { ...process.env };
    process.env['HOME'] = folder;
    process.env['GIT_CONFIG_GLOBAL'] = join(folder, '.gitconfig');
    process.env['GIT_SSH_COMMAND'] = `touch ${canary}`;
    process.env['GIT_EXTERNAL_DIFF'] = `touch ${canary}`;
    process.env['GIT_TEMPLATE_DIR'] = folder;
  });
  afterEach(() => {
    process.env = before;
    rmSync(folder, { recursive: true });
  });

  const texts = { 'a.txt': 'plain\n' };

  it('is not run for a folder, and its content is what was committed', async () => {
    const repository = await aRepository();
    try {
      const commits = [await repository.commit(files), await repository.commit({ 'b.txt': 'b\n' })];
      makeHostile(repository);
      const version = await aVersion(fakeEngine(), 't');
      for (const commit of commits) {
        const end = await version.run(repository.path, commit, { input: { mode: 'incremental' } });
        expect(end.result).toMatchObject({ outcome: 'succeeded', errors: [] });
      }
      expect(textsOf(await version.dump())).toMatchObject(texts);
      expect(existsSync(canary)).toBe(false);
    } finally {
      repository.remove();
    }
  });

  it('is not run for a remote', async () => {
    const server = await aGitServer();
    try {
      const repository = await server.repository('hostile');
      const version = await aVersion(fakeEngine(), 't');
      const how = { url: repository.url, credentials: { ca: server.ca }, addresses: [], refName: 'refs/heads/main' };
      for (const changes of [files, { 'b.txt': 'b\n' }]) {
        const commit = await repository.commit(changes);
        const work = mkdtempSync(join(folder, 'work-'));
        const end = await version.run(repository.path, commit, {
          input: { mode: 'incremental' },
          ports: { openRepository: blobs => openRemote({ ...how, commit, blobs, folder: work }) },
        });
        expect(end.result).toMatchObject({ outcome: 'succeeded', errors: [] });
      }
      expect(textsOf(await version.dump())).toMatchObject(texts);
      expect(existsSync(canary)).toBe(false);
    } finally {
      await server.stop();
    }
  });

  it('would be run by Git as a user has it', async () => {
    const clone = join(folder, 'clone');
    const repository = await aRepository();
    try {
      await repository.commit(files);
      const env = { HOME: folder, GIT_CONFIG_GLOBAL: join(folder, '.gitconfig'), GIT_CONFIG_NOSYSTEM: '1' };
      await run(['git', 'clone', '--quiet', repository.path, clone], { env }).catch(() => undefined);
      expect(existsSync(canary)).toBe(true);
    } finally {
      repository.remove();
    }
  });

  function makeHostile(repository: TestRepository): void {
    writeFileSync(join(repository.path, 'config'), `[core]\n\tbare = true\n${hostileConfiguration(canary)}`);
    mkdirSync(join(repository.path, 'hooks'), { recursive: true });
    for (const hook of hooks) {
      writeFileSync(join(repository.path, 'hooks', hook), `#!/bin/sh\ntouch ${canary}\n`, { mode: 0o755 });
    }
    mkdirSync(join(repository.path, 'info'), { recursive: true });
    writeFileSync(join(repository.path, 'info', 'attributes'), '* filter=evil\n');
  }
});

function textsOf(
  documents: Awaited<ReturnType<Awaited<ReturnType<typeof aVersion>>['dump']>>,
): Readonly<Record<string, unknown>> {
  const chunks = documents.filter(({ source }) => source['doc'] === 'chunk');
  return Object.fromEntries(chunks.map(({ source }) => [String(source['filePath']), source['content']]));
}
