import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { removeBed } from './down.ts';
import { leftovers } from './leftovers.ts';
import { lockHolder, releaseLock, takeLock } from './lock.ts';
import { importOwnImage } from './node.ts';
import { ownedByBed } from './processes.ts';
import type { BedOptions, Provider } from './provider.ts';
import { RefusedError } from './refused.ts';
import { bedHome, readBedState } from './state.ts';
import type { BedState } from './state.ts';
import { missingByHand } from './tools.ts';
import { startBed } from './up.ts';

/** The bed made of processes of this machine. */
export const localProvider: Provider = { up, down, image };

async function up(options: BedOptions): Promise<BedState> {
  const missing = missingByHand(options.level);
  if (missing.length > 0)
    throw new RefusedError(`a bed at level ${options.level} cannot start:\n  ${missing.join('\n  ')}`);
  return whileLocked(async () => {
    const running = readBedState();
    if (running !== undefined) {
      throw new RefusedError(
        `a bed at level ${running.level} is up already: use it, or end it with npm run bed -- down`,
      );
    }
    await removeRemains();
    return startOrRemove(options);
  });
}

async function down(): Promise<void> {
  await whileLocked(async () => removeBed(bedHome()));
}

async function image({ node }: BedState): Promise<string> {
  if (node?.containerd === undefined) throw new Error('the bed that is up has no containerd of ours');
  return importOwnImage(node.containerd);
}

/** What a start that was killed left behind: it has no description, and its starter is gone, for we hold the lock. */
async function removeRemains(): Promise<void> {
  if (leftovers(bedHome()).length === 0) return;
  console.log('removing the remains of a start that did not finish');
  await removeBed(bedHome());
}

async function startOrRemove(options: BedOptions): Promise<BedState> {
  const onSignal = (): void => {
    console.log('\ninterrupted: removing what was started');
    // Twice, because the step under way may start one more process while the first round looks elsewhere.
    const removed = removeBed(bedHome()).catch(async () => removeBed(bedHome()));
    void removed.finally(() => {
      releaseLock(lockFile());
      process.exit(130);
    });
  };
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  try {
    return await ownedByBed(bedHome(), async () => startBed(bedHome(), options));
  } catch (error) {
    await removeBed(bedHome());
    throw error;
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

async function whileLocked<T>(work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(lockFile()), { recursive: true });
  if (!takeLock(lockFile())) {
    const holder = lockHolder(lockFile());
    throw new RefusedError(
      `process ${holder ?? '?'} is starting or ending a bed at this moment: wait for it, or end it`,
    );
  }
  try {
    return await work();
  } finally {
    releaseLock(lockFile());
  }
}

function lockFile(): string {
  return `${bedHome()}.lock`;
}
