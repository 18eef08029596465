import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lastLines } from './command.ts';

/**
 * Every process of a bed carries these two in its environment from its first instruction, and so do its children. They
 * are what finds it again: unlike a pid in a file they cannot be lost by a kill, nor ever mean somebody else's process.
 */
const HOME_MARK = 'REINDEER_BED_HOME';
const NAME_MARK = 'REINDEER_BED_PROCESS';

export type ProcessSpec = {
  /** Unique in its bed; also the name of its log file. */
  readonly name: string;
  readonly command: readonly string[];
  /** Added to a bare environment of PATH, HOME and LANG. */
  readonly env?: Readonly<Record<string, string>>;
};

export type BedProcess = { readonly pid: number; readonly name: string };

/** Starts a process that outlives this one, writing to `{home}/logs/{name}.log`; what it runs is kept for `startAgain`. */
export function startProcess(home: string, spec: ProcessSpec): BedProcess {
  mkdirSync(join(home, 'logs'), { recursive: true });
  mkdirSync(join(home, 'processes'), { recursive: true });
  writeFileSync(specFile(home, spec.name), JSON.stringify(spec), { mode: 0o600 });
  return spawnDetached(home, spec);
}

/** Starts a process of the bed again exactly as it was started before. */
export function startAgain(home: string, name: string): BedProcess {
  return spawnDetached(home, JSON.parse(readFileSync(specFile(home, name), 'utf8')) as ProcessSpec);
}

/**
 * While `work` runs, what this process starts counts as the bed's too (a build, an installation), so that nothing of it
 * survives the end of the bed when this process is killed.
 */
export async function ownedByBed<T>(home: string, work: () => Promise<T>): Promise<T> {
  process.env[HOME_MARK] = home;
  process.env[NAME_MARK] = 'work of the starter';
  try {
    return await work();
  } finally {
    Reflect.deleteProperty(process.env, HOME_MARK);
    Reflect.deleteProperty(process.env, NAME_MARK);
  }
}

/** Every living process of the bed, with children and grandchildren that kept its environment. */
export function bedProcesses(home: string): readonly BedProcess[] {
  const pids = readdirSync('/proc').filter(entry => /^\d+$/.test(entry) && entry !== String(process.pid));
  return pids.flatMap(pid => {
    const environment = readEnvironment(pid);
    if (!environment.includes(`${HOME_MARK}=${home}`)) return [];
    const name = environment.find(line => line.startsWith(`${NAME_MARK}=`))?.slice(NAME_MARK.length + 1);
    return [{ pid: Number(pid), name: name ?? '' }];
  });
}

/** Sends the signal to every process of the bed of that name. */
export function signalProcess(home: string, name: string, signal: NodeJS.Signals): void {
  signalAll(
    bedProcesses(home).filter(found => found.name === name),
    signal,
  );
}

/** Kills the processes of the bed that `which` selects, until none is left; throws when some are left after 20 s. */
export async function killProcesses(home: string, which: (found: BedProcess) => boolean = () => true): Promise<void> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const left = bedProcesses(home).filter(which);
    if (left.length === 0) return;
    if (performance.now() > deadline) throw new Error(`processes that do not end: ${describe(left)}`);
    signalAll(left, 'SIGKILL');
    await sleep(100);
  }
}

/** `etcd (pid 12), kubelet (pid 40)`. */
export function describe(processes: readonly BedProcess[]): string {
  return processes.map(found => `${found.name} (pid ${found.pid})`).join(', ');
}

/** Where the output of the bed's process of that name goes. */
export function logFile(home: string, name: string): string {
  return join(home, 'logs', `${name}.log`);
}

/** The end of that log, indented for a message. */
export function logTail(home: string, name: string): string {
  try {
    return lastLines(readFileSync(logFile(home, name), 'utf8'), 25);
  } catch {
    return '    (it wrote no log)';
  }
}

function spawnDetached(home: string, spec: ProcessSpec): BedProcess {
  const log = openSync(logFile(home, spec.name), 'a');
  const [program = '', ...args] = spec.command;
  const child = spawn(program, args, {
    detached: true,
    stdio: ['ignore', log, log],
    cwd: '/',
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '/',
      LANG: 'C.UTF-8',
      ...spec.env,
      [HOME_MARK]: home,
      [NAME_MARK]: spec.name,
    },
  });
  closeSync(log);
  child.on('error', error => {
    writeFileSync(logFile(home, spec.name), `${error.message}\n`, { flag: 'a' });
  });
  child.unref();
  if (child.pid === undefined) throw new Error(`${spec.name} could not be started: is ${program} installed?`);
  return { pid: child.pid, name: spec.name };
}

function readEnvironment(pid: string): readonly string[] {
  const deadline = performance.now() + execMs;
  for (;;) {
    const environment = readIfThere(`/proc/${pid}/environ`);
    if (environment !== '' || !isProgram(pid) || performance.now() > deadline) return environment.split('\0');
    Atomics.wait(pause, 0, 0, 1);
  }
}

/** Longer than it takes to put one program in the place of another. */
const execMs = 100;
const pause = new Int32Array(new SharedArrayBuffer(4));

/** '' also for a process that ended meanwhile, or that belongs to another user and so is none of ours. */
function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Neither part of the kernel nor ended. Its environment is empty while it goes over to another program. */
function isProgram(pid: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/exe`) !== '';
  } catch {
    return false;
  }
}

function signalAll(processes: readonly BedProcess[], signal: NodeJS.Signals): void {
  for (const { pid } of processes) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended meanwhile.
    }
  }
}

function specFile(home: string, name: string): string {
  return join(home, 'processes', `${name}.json`);
}
