import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** One line of a program's log. */
export type LogLine = { readonly msg?: string; readonly level?: string | number; readonly [field: string]: unknown };

export type WorkerEnd = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** The worker as its pod runs it, in a process of its own on this machine; it dies with the one that started it. */
export type WorkerProcess = {
  readonly pid: number;
  readonly ended: Promise<WorkerEnd>;
  readonly hasEnded: boolean;
  /** Everything that it printed. */
  readonly output: string;
  signal(signal: NodeJS.Signals): void;
};

export function startWorker(main: string, env: Readonly<Record<string, string>>): WorkerProcess {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', process.execPath, main, 'worker'], {
    env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid === undefined) throw new Error('the worker could not be started');
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', piece => (output += String(piece)));
  let hasEnded = false;
  const ended = once(child, 'close').then(([code, signal]): WorkerEnd => {
    hasEnded = true;
    return { code: code as number | null, signal: signal as NodeJS.Signals | null };
  });
  return {
    pid: child.pid,
    ended,
    get hasEnded() {
      return hasEnded;
    },
    get output() {
      return output;
    },
    signal: signal => void child.kill(signal),
  };
}
