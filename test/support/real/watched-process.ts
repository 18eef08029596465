import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { text } from 'node:stream/consumers';

/** What a process and all that it started showed to others of this machine while it ran. */
export type Watched = {
  readonly exitCode: number | null;
  /** Standard output and standard error. */
  readonly said: string;
  /** Command lines of the process and of every process below it, NUL written as space. */
  readonly commandLines: ReadonlySet<string>;
  /** Environments of the processes below it, each `COMMAND: NAME=VALUE ...`. */
  readonly childEnvironments: ReadonlySet<string>;
};

const sampleEveryMs = 3;

/** Runs a program and looks at its processes in /proc every few milliseconds until it ends. */
export async function watchedProcess(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Watched> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { env: { ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const commandLines = new Set<string>();
  const childEnvironments = new Set<string>();
  const sample = setInterval(() => {
    const own = lookAt(child.pid ?? 0, 'cmdline');
    for (const pid of [child.pid ?? 0, ...below(child.pid ?? 0)]) {
      const line = lookAt(pid, 'cmdline');
      commandLines.add(line);
      // Between its fork and its start a child is still a copy of the process.
      if (line !== own) childEnvironments.add(`${line}: ${lookAt(pid, 'environ')}`);
    }
  }, sampleEveryMs);
  try {
    const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    return { exitCode: child.exitCode, said: `${out}${errors}`, commandLines, childEnvironments };
  } finally {
    clearInterval(sample);
  }
}

/** Process ids of children, their children, and so on. */
function below(pid: number): readonly number[] {
  const children = lookInto(`/proc/${pid}/task`).flatMap(task =>
    lookAt(pid, `task/${task}/children`).split(' ').filter(Boolean).map(Number),
  );
  return children.flatMap(each => [each, ...below(each)]);
}

/** '' for a process that has ended meanwhile. */
function lookAt(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

function lookInto(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
