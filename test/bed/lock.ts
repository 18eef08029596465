import { linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** The kernel tells the start of processes in hundredths of a second, and its own in whole seconds. */
const TICK_MS = 10;
const CLOCK_TOLERANCE_MS = 3000;

/** Runs `work` while this process alone holds the lock file; waits for a living holder, takes over from a dead one. */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  while (!takeLock(file)) await sleep(500);
  try {
    return await work();
  } finally {
    releaseLock(file);
  }
}

/** Takes the lock file for this process and says whether that worked; the file holds the pid of its holder. */
export function takeLock(file: string): boolean {
  const holder = lockHolder(file);
  if (holder !== undefined) return false;
  setAsideStaleLock(file);
  const own = `${file}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    // A link appears together with its content: nobody reads a lock that names no holder yet.
    linkSync(own, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(own);
  }
}

/** Lets go of a lock file that this process holds. */
export function releaseLock(file: string): void {
  rmSync(file, { force: true });
}

/** The living process that holds the lock file, or undefined. */
export function lockHolder(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    return isAlive(pid) && !startedAfter(pid, statSync(file).mtimeMs) ? pid : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Whether the process of that number began after the lock was written: then it is another one, which got the number of
 * the holder after the machine was restarted. Linux only; elsewhere the number alone is believed.
 */
function startedAfter(pid: number, writtenMs: number): boolean {
  const started = startOf(pid);
  return started !== undefined && started > writtenMs + CLOCK_TOLERANCE_MS;
}

function startOf(pid: number): number | undefined {
  try {
    const [, bootSeconds = ''] = /^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8')) ?? [];
    // The name in parentheses may hold spaces; the start is the 20th field after it, in ticks since the machine's own.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return Number(bootSeconds) * 1000 + Number(fields[19]) * TICK_MS;
  } catch {
    return undefined;
  }
}

/** Of several challengers only one renames the dead holder's file away; a lock taken meanwhile is put back. */
function setAsideStaleLock(file: string): void {
  const aside = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (lockHolder(aside) === undefined) rmSync(aside);
  else renameSync(aside, file);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
