import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import type { GitEnvironment } from './environment.ts';

/** How Git is called: always the same program, never a shell. */
export type GitCall = {
  readonly args: readonly string[];
  readonly environment: GitEnvironment;
  /** The bare repository to work in; absent = none. */
  readonly gitDir?: string;
  readonly signal?: AbortSignal;
};

/** Git ended with another exit code than 0. `stderr` is in English (LC_ALL=C) and cut; it may name URLs. */
export class GitFailedError extends Error {
  override readonly name = 'GitFailedError';
  readonly exitCode: number | null;
  /** What ended it, where that was no exit of its own. */
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
  constructor(command: string, end: number | NodeJS.Signals | null, stderr: string) {
    const last = stderr.trim().split('\n').at(-1) ?? '';
    super(`git ${command} ended with ${end ?? 'a signal'}${last === '' ? '' : `: ${last}`}`);
    this.exitCode = typeof end === 'number' ? end : null;
    this.signal = typeof end === 'string' ? end : null;
    this.stderr = stderr;
  }
}

/** The time that a call was given is over. */
export class GitTimeoutError extends Error {
  override readonly name = 'GitTimeoutError';
}

/** Git printed more than the caller takes, and was ended. */
export class GitOutputTooLargeError extends Error {
  override readonly name = 'GitOutputTooLargeError';
}

const maxStderrBytes = 16 * 1024;

/** A Git process at work: feed `stdin`, read `stdout`, then await `ended`, which throws GitFailedError. */
export type GitProcess = {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly ended: Promise<void>;
  /** For a reader that has seen enough. */
  stop(): void;
  hasEnded(): boolean;
  /** Whether this program waits for it before it ends; so it does until told otherwise. */
  ref(): void;
  unref(): void;
};

export function startGit(call: GitCall): GitProcess {
  const child = spawn('git', [...call.args], {
    env: { ...call.environment, ...(call.gitDir === undefined ? {} : { GIT_DIR: call.gitDir }) },
    stdio: ['pipe', 'pipe', 'pipe'],
    // A process group of its own: the helpers that it starts (git-remote-https) do not end with it, and hold its output open.
    detached: true,
  });
  endWith(call.signal, child);
  const ended = untilEnded(child, call);
  // Whoever reads stdout sees the failure by awaiting `ended` afterwards; until then it is nobody's.
  ended.catch(() => undefined);
  // A process that ended early closes its end; its exit code says why.
  child.stdin.on('error', () => undefined);
  const stop = (): void => {
    endGroup(child);
    // Unread output would keep the process from ever counting as closed.
    child.stdout.destroy();
  };
  const { stdin, stdout } = child;
  // The pipes to a child are sockets.
  const holding = [child, ...([stdin, stdout, child.stderr] as unknown as readonly Socket[])];
  return {
    ...{ stdin, stdout, ended, stop },
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    ref: () => holding.forEach(each => each.ref()),
    unref: () => holding.forEach(each => each.unref()),
  };
}

/** Ends the process and what it started as soon as the signal is aborted. */
function endWith(signal: AbortSignal | undefined, child: ChildProcessWithoutNullStreams): void {
  if (signal === undefined) return;
  const end = (): void => endGroup(child);
  if (signal.aborted) end();
  signal.addEventListener('abort', end, { once: true });
  child.once('close', () => signal.removeEventListener('abort', end));
}

function endGroup({ pid }: ChildProcessWithoutNullStreams): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGTERM');
  } catch {
    // All of it has ended.
  }
}

/** Rejects with the signal's reason when that is what ended it. */
function untilEnded(
  child: ChildProcessWithoutNullStreams,
  { args: [command = ''], signal }: Pick<GitCall, 'args' | 'signal'>,
): Promise<void> {
  let stderr = '';
  child.stderr.setEncoding('utf8');
  child.stderr.on('data', (text: string) => {
    if (stderr.length < maxStderrBytes) stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode, ended) => {
      if (exitCode === 0) resolve();
      else if (signal?.aborted === true) reject(abortError(signal));
      else reject(new GitFailedError(command, exitCode ?? ended, stderr.slice(0, maxStderrBytes)));
    });
  });
}

function abortError({ reason }: AbortSignal): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

/** Reads what a process prints; ends the process when the reader leaves early, and its failure when it does not. */
export async function* readOutput<T>(
  git: GitProcess,
  read: (stdout: Readable) => AsyncGenerator<T>,
): AsyncGenerator<T> {
  let whole = false;
  try {
    yield* read(git.stdout);
    whole = true;
  } finally {
    if (!whole) git.stop();
    await git.ended.catch((error: unknown) => {
      if (whole) throw error;
    });
  }
}

export type GitRun = GitCall & {
  readonly input?: string | Buffer;
  readonly timeoutMs?: number;
  /** More output than this ends the process; default 16 MiB. */
  readonly maxOutputBytes?: number;
};

/** Runs Git to its end and gives what it printed. Throws GitFailedError, GitTimeoutError or GitOutputTooLargeError. */
export async function runGit(run: GitRun): Promise<Buffer> {
  const timeout = run.timeoutMs === undefined ? undefined : AbortSignal.timeout(run.timeoutMs);
  const signals = [run.signal, timeout].filter(signal => signal !== undefined);
  const git = startGit({ ...run, signal: AbortSignal.any(signals) });
  git.stdin.end(run.input ?? '');
  try {
    const output = await collect(git.stdout, run.maxOutputBytes ?? 16 * 1024 * 1024);
    await git.ended;
    return output;
  } catch (error) {
    await git.ended.catch(() => undefined);
    if (timeout?.aborted === true) {
      throw new GitTimeoutError(`git ${run.args[0] ?? ''} took longer than ${run.timeoutMs ?? 0} ms`, { cause: error });
    }
    throw error;
  }
}

async function collect(stream: Readable, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    const buffer = chunk as Buffer; // no encoding is set on this stream
    bytes += buffer.length;
    if (bytes > maxBytes) throw new GitOutputTooLargeError(`git printed more than ${maxBytes} bytes`);
    chunks.push(buffer);
  }
  return Buffer.concat(chunks);
}

/** Until more may be written, or nothing will ever be read. Leaves no listener behind: there are many such waits. */
export function drained(stdin: Writable): Promise<void> {
  return new Promise(resolve => {
    const end = (): void => {
      stdin.off('drain', end).off('close', end);
      resolve();
    };
    stdin.on('drain', end).on('close', end);
  });
}
