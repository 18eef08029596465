import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { once } from 'node:events';

/** What a piece of work took. */
export type Cost = {
  readonly wallSeconds: number;
  /** User and system time of this process and of the children that it waited for, to 10 ms. */
  readonly cpuSeconds: number;
};

/** Clock ticks per second in /proc on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** Does the work and says what it cost, the processes that it started included. One at a time. */
export async function costOf<T>(work: () => Promise<T>): Promise<Cost & { readonly result: T }> {
  const ownBefore = process.cpuUsage();
  const childrenBefore = childrenCpuSeconds();
  const begun = performance.now();
  const result = await work();
  const wallSeconds = (performance.now() - begun) / 1000;
  const own = process.cpuUsage(ownBefore);
  const cpuSeconds = (own.user + own.system) / 1e6 + childrenCpuSeconds() - childrenBefore;
  return { result, wallSeconds, cpuSeconds };
}

/** Of all descendants that have ended and were waited for (`cutime` and `cstime` of proc(5)). */
function childrenCpuSeconds(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  // The name of the program stands in parentheses and may hold spaces; 14 fields follow before cutime.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) / ticksPerSecond;
}

export type CommandCall = {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input: a file, or what is in it. */
  readonly inputFile?: string;
  readonly input?: string;
};

/** Runs a program with its output thrown away. Throws when it does not end with 0. */
export async function runToNowhere(command: readonly string[], call: CommandCall = {}): Promise<void> {
  const [program = '', ...args] = command;
  const file = openSync(call.inputFile ?? '/dev/null', 'r');
  const child = spawn(program, args, {
    stdio: [call.input === undefined ? file : 'pipe', 'ignore', 'pipe'],
    env: call.env ?? process.env,
    ...(call.cwd !== undefined && { cwd: call.cwd }),
  });
  closeSync(file);
  child.stdin?.end(call.input);
  let errors = '';
  child.stderr?.on('data', piece => (errors = `${errors}${String(piece)}`.slice(-2000)));
  const [status] = (await once(child, 'close')) as [number | null];
  if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status ?? 'a signal'}: ${errors}`);
}
