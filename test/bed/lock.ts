import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

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
    return isAlive(pid) ? pid : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
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
