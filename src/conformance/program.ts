import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withFormerNames } from '../domain/engine-variables.ts';

/** How the program under test ended. */
export type Ended = {
  /** Undefined = it was killed: by us, because it did not end in time, or by a signal it did not handle. */
  readonly exitCode: number | undefined;
  /** What it left as its termination message; '' = nothing. */
  readonly message: string;
  /** The end of what it printed, for people. */
  readonly output: string;
};

export type Running = { readonly ended: Promise<Ended>; terminate(): void };

/** What a run of the program is given, files named as they are on this machine. */
export type Launch = {
  readonly env: Readonly<Record<string, string>>;
  readonly gitSecretDir: string;
  readonly engineCaFile: string | undefined;
  /** Made and removed by the caller. */
  readonly folder: string;
};

export type Program = (launch: Launch) => Promise<Running>;

const longestRunMs = 180_000;
const keptOutput = 2000;

/** A plain command. It finds its termination message's place in REINDEER_TERMINATION_LOG. */
export function commandProgram([command = '', ...args]: readonly string[]): Program {
  return async ({ env, gitSecretDir, engineCaFile, folder }) => {
    const { work, message } = await places(folder);
    const all = {
      PATH: process.env['PATH'] ?? '',
      HOME: work,
      ...env,
      REINDEER_GIT_SECRET_DIR: gitSecretDir,
      ...withFormerNames({ SEARCH_CA_CERT: engineCaFile ?? '' }),
      REINDEER_WORK_DIR: work,
      REINDEER_TERMINATION_LOG: message,
    };
    return started([command, ...args], all, message);
  };
}

/** An image, run as the Job of an operator runs it: `worker`, no root, no capability, nothing writable but /tmp. */
export function imageProgram(runtime: string, image: string): Program {
  return async launch => {
    const { message } = await places(launch.folder);
    // The pod's user must be able to write it, whoever we are.
    await chmod(message, 0o666);
    const { args, env } = containerCall(image, { ...launch, message });
    return started(
      [runtime, ...args],
      { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env },
      message,
    );
  };
}

const gitSecretPath = '/var/run/reindeer/git';
const engineCaPath = '/var/run/reindeer/engine-ca/ca.crt';

/** Arguments and environment of `docker run` or `podman run`; secrets only by name in the arguments. Pure. */
export function containerCall(
  image: string,
  { env, gitSecretDir, engineCaFile, message }: Launch & { readonly message: string },
): { readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> } {
  const inside = {
    ...env,
    REINDEER_GIT_SECRET_DIR: gitSecretPath,
    ...withFormerNames({ SEARCH_CA_CERT: engineCaFile === undefined ? '' : engineCaPath }),
    REINDEER_WORK_DIR: '/tmp',
  };
  const args = [
    ...['run', '--rm', '--network', 'host', '--read-only', '--user', '65532:65532', '--cap-drop', 'ALL'],
    ...['--security-opt', 'no-new-privileges', '--tmpfs', '/tmp:mode=1777'],
    ...['--volume', `${gitSecretDir}:${gitSecretPath}:ro`, '--volume', `${message}:/dev/termination-log`],
    ...(engineCaFile === undefined ? [] : ['--volume', `${engineCaFile}:${engineCaPath}:ro`]),
    ...Object.keys(inside).flatMap(name => ['--env', name]),
    image,
    'worker',
  ];
  return { args, env: inside };
}

async function places(folder: string): Promise<{ readonly work: string; readonly message: string }> {
  const at = join(folder, randomUUID());
  const [work, message] = [join(at, 'work'), join(at, 'termination-log')];
  await mkdir(work, { recursive: true });
  await writeFile(message, '');
  return { work, message };
}

function started(command: readonly string[], env: Readonly<Record<string, string>>, message: string): Running {
  const [file = '', ...args] = command;
  const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const keep = (piece: Buffer): void => {
    output = `${output}${piece.toString('utf8')}`.slice(-keptOutput);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const limit = setTimeout(() => child.kill('SIGKILL'), longestRunMs);
  const ended = once(child, 'close').then(
    async () => ({
      exitCode: child.exitCode ?? undefined,
      message: await readFile(message, 'utf8'),
      output: output.trim(),
    }),
    (error: unknown) => {
      throw new Error(`${file} could not be started`, { cause: error });
    },
  );
  ended.finally(() => clearTimeout(limit)).catch(() => undefined);
  return { ended, terminate: () => child.kill('SIGTERM') };
}
