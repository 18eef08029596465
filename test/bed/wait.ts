import { setTimeout as sleep } from 'node:timers/promises';
import { bedProcesses, logFile, logTail } from './processes.ts';

/**
 * Asks `probe` five times a second until it answers undefined, which means ready; any other answer says what is still
 * missing. Throws with the last such answer after the deadline.
 */
export async function waitUntil(
  what: string,
  deadlineSeconds: number,
  probe: () => Promise<string | undefined>,
): Promise<void> {
  const deadline = performance.now() + deadlineSeconds * 1000;
  for (;;) {
    const missing = await probe().catch((error: unknown) => reasonOf(error));
    if (missing === undefined) return;
    if (performance.now() > deadline) throw new Error(`${what} is not ready after ${deadlineSeconds} s: ${missing}`);
    await sleep(200);
  }
}

/** As `waitUntil`, for a process of the bed: gives up at once when it has ended, and shows the end of its log. */
export async function waitForProcess(
  home: string,
  name: string,
  options: { readonly deadlineSeconds: number; readonly probe: () => Promise<string | undefined> },
): Promise<void> {
  let hasEnded = false;
  const probe = async (): Promise<string | undefined> => {
    const missing = await options.probe().catch((error: unknown) => reasonOf(error));
    hasEnded = missing !== undefined && !bedProcesses(home).some(found => found.name === name);
    return hasEnded ? undefined : missing;
  };
  try {
    await waitUntil(name, options.deadlineSeconds, probe);
  } catch (error) {
    throw new Error(`${reasonOf(error)}\n${logTail(home, name)}\n    (${logFile(home, name)})`, { cause: error });
  }
  if (hasEnded) throw new Error(`${name} has ended\n${logTail(home, name)}\n    (${logFile(home, name)})`);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
