import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { LogLine } from './worker-process.ts';

/** The operator as its pod runs it, in a process of its own on this machine; it dies with the one that started it. */
export type OperatorProcess = {
  readonly pid: number;
  readonly hasEnded: boolean;
  /** What it logged so far. */
  readonly lines: readonly LogLine[];
  readonly output: string;
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM; answers when it is gone. */
  stop(): Promise<void>;
  /** SIGKILL; answers when it is gone. */
  kill(): Promise<void>;
};

export function startOperator(main: string, env: Readonly<Record<string, string>>): OperatorProcess {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', process.execPath, main, 'operator'], {
    env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', REINDEER_HEALTH_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid === undefined) throw new Error('the operator could not be started');
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', piece => (output += String(piece)));
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (hasEnded()) return;
    const ended = once(child, 'close');
    child.kill(signal);
    await ended;
  };
  return {
    pid: child.pid,
    get hasEnded() {
      return hasEnded();
    },
    get lines() {
      return output
        .split('\n')
        .filter(line => line.startsWith('{') && line.endsWith('}'))
        .map(parsed);
    },
    get output() {
      return output;
    },
    signal: signal => void child.kill(signal),
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}

function parsed(line: string): LogLine {
  return JSON.parse(line) as LogLine;
}
