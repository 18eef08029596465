import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';

const main = join(import.meta.dirname, '..', '..', 'src', 'bin', 'cli.ts');

async function reindeer(args: readonly string[], env: Record<string, string> = {}) {
  const command = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
  });
  const [out, err] = await Promise.all([text(command.stdout), text(command.stderr), once(command, 'close')]);
  return { exitCode: command.exitCode, out, err };
}

/** Nobody listens there. */
const down = { SEARCH_ENDPOINT: 'http://127.0.0.1:1' };

describe('the program reindeer', () => {
  it('says what it can do', async () => {
    expect(await reindeer(['--help'])).toMatchObject({
      exitCode: 0,
      out: expect.stringMatching(/index.*list.*status.*search.*lock/s),
    });
  });

  it('completes a line in bash as its own script has it ask', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'reindeer-bash-'));
    const program = join(folder, 'reindeer');
    writeFileSync(program, `#!/bin/sh\nexec ${process.execPath} --disable-warning=ExperimentalWarning ${main} "$@"\n`);
    chmodSync(program, 0o755);
    const script = [
      'source <(reindeer completion bash)',
      'COMP_WORDS=(reindeer approve --gate = B) COMP_CWORD=4',
      '_reindeer',
      'echo "${COMPREPLY[*]}"',
    ].join('\n');
    const shell = spawn('bash', ['-c', script], { env: { PATH: `${folder}:${process.env['PATH'] ?? ''}` } });
    const [out] = await Promise.all([text(shell.stdout), once(shell, 'close')]);
    rmSync(folder, { recursive: true });
    expect(out).toBe('BeforeSwitch\n');
  });

  it.each<[string, readonly string[], Record<string, string>, number, RegExp]>([
    ['no engine is named', ['list'], {}, 64, /set SEARCH_ENDPOINT/],
    ['the engine is down', ['list'], down, 75, /cannot be reached/],
    ['no alias can be made of a name', ['index', '/srv/...'], down, 64, /write REPOSITORY:ALIAS/],
    ['no cluster is named', ['pause', 'a'], { HOME: '/nowhere' }, 64, /set KUBECONFIG, create/],
    ['a kubeconfig is missing', ['watch', '--kubeconfig', '/nowhere'], {}, 64, /\/nowhere cannot be read: ENOENT/],
    ['a CA file is missing', ['list', '--ca', '/nowhere'], down, 64, /\/nowhere cannot be read/],
    ['a flag is unknown', ['list', '--nothing'], down, 64, /unknown option '--nothing'/],
    ['a lock is broken without a reason', ['lock', 'break', 'a'], down, 64, /required option '--reason <text>'/],
    ['an owner is let go without its uid', ['lock', 'release-owner', 'a', '--reason', 'b'], down, 64, /'--uid <uid>'/],
    ['a token is none', ['lock', 'break', 'a', '--reason', 'b', '--token', '1e3'], down, 64, /whole number from 0/],
    ['a watch is none', ['lock', 'show', 'a', '--watch', '0'], down, 64, /whole number from 1 to 3600/],
    ['a limit is none', ['search', 'a', 'b', '--limit', '0'], down, 64, /whole number from 1 to 100/],
  ])('ends with its own exit code and what to do when %s', async (_, args, env, exitCode, said) => {
    expect(await reindeer(args, env)).toMatchObject({ exitCode, err: expect.stringMatching(said) });
  });
});
