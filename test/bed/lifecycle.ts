import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheFolder } from './cache.ts';
import { removeBed } from './down.ts';
import { leftovers } from './leftovers.ts';
import { lockHolder, releaseLock, takeLock } from './lock.ts';
import { bedProcesses, ownedByBed } from './processes.ts';
import { providerOf } from './provider.ts';
import type { BedOptions, Provider, ProviderName } from './provider.ts';
import { RefusedError } from './refused.ts';
import { bedHome, readBedState, writeBedState } from './state.ts';
import type { BedState } from './state.ts';
import { thisBed } from './which-bed.ts';

/** What of a bed is found on this machine. */
export type BedSeen =
  | { readonly is: 'none' }
  | { readonly is: 'up'; readonly state: BedState }
  /** It is described, and these parts of it are gone: the machine was restarted, or they were killed. */
  | { readonly is: 'broken'; readonly state: BedState; readonly lacks: readonly string[] };

/** A part that a fault test has just ended comes back within this time. */
const RESTART_MS = 5000;

/** Looks at what runs: a description alone proves nothing. Where only some parts are gone, it looks again for a while. */
export async function seeBed(restartMs = RESTART_MS): Promise<BedSeen> {
  const deadline = performance.now() + restartMs;
  for (;;) {
    const state = readBedState();
    if (state === undefined) return { is: 'none' };
    const lacks = await providerOf(state.provider).lacks(state);
    if (lacks.length === 0) return { is: 'up', state };
    const isOver = performance.now() > deadline || bedProcesses(state.home).length === 0;
    if (isOver) return { is: 'broken', state, lacks };
    await sleep(200);
  }
}

/** For people: that the bed is not whole, and what becomes of it. */
export function brokenText({ state, lacks }: Extract<BedSeen, { is: 'broken' }>): string {
  return `the bed at level ${state.level} does not live any more: ${lacks.join(', ')} gone`;
}

/**
 * Brings a bed up, after clearing away what is left of one that does not live. Throws RefusedError when this machine, or
 * a bed that lives, stands in the way. After a failure its parts are gone and their logs are kept.
 */
export async function bringUp(name: ProviderName, options: BedOptions): Promise<BedState> {
  const provider = providerOf(name);
  const obstacles = await provider.obstacles(options);
  if (obstacles.length > 0) {
    throw new RefusedError(`a bed (${name}) at level ${options.level} cannot start:\n  ${obstacles.join('\n  ')}`);
  }
  return whileLocked(async () => {
    await clearAway();
    return startOrRemove(provider, options);
  });
}

/**
 * Removes what a start, an end or the machine itself left when it was cut off, and says so; the caller holds the lock, so
 * nobody is at work there. Throws RefusedError when it is a bed that lives.
 */
export async function clearAway(restartMs = RESTART_MS): Promise<void> {
  const seen = await seeBed(restartMs);
  if (seen.is === 'up') {
    throw new RefusedError(
      `a bed at level ${seen.state.level} is up already: use it, or end it with npm run bed -- down`,
    );
  }
  if (leftovers(bedHome()).length === 0) return;
  const what = seen.is === 'broken' ? brokenText(seen) : 'a bed was left half started or half removed';
  console.log(`${what}: removing what is left of it`);
  await removeBed(bedHome());
}

/** Ends the bed, also when only parts of one are there, or none. */
export async function takeDown(): Promise<void> {
  await whileLocked(async () => removeBed(bedHome()));
}

/** Gives the node of the bed that is up the image of this checkout as it is now, and answers its name. */
export async function refreshImage(): Promise<string> {
  const state = readBedState();
  if (state?.node === undefined) throw new RefusedError('no bed with a node is up: npm run bed -- up --level 1');
  const image = await providerOf(state.provider).image(state);
  writeBedState({ ...state, node: { ...state.node, image } });
  return image;
}

async function startOrRemove(provider: Provider, options: BedOptions): Promise<BedState> {
  const home = bedHome();
  const onSignal = (): void => {
    console.log('\ninterrupted: removing what was started');
    // Twice, because the step under way may start one more process while the first round looks elsewhere.
    const removed = removeBed(home).catch(async () => removeBed(home));
    void removed.finally(() => {
      releaseLock(lockFile());
      process.exit(130);
    });
  };
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  try {
    const state = await ownedByBed(home, async () => provider.start(home, options));
    writeBedState(state);
    return state;
  } catch (error) {
    await keepEvidence(provider, home);
    await removeBed(home);
    throw error;
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

/** The logs go away with the bed's folder, and they are what tells why it did not start. */
async function keepEvidence(provider: Provider, home: string): Promise<void> {
  const folder = join(cacheFolder(), 'failed', thisBed().name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  try {
    await provider.keepEvidence(home, folder);
    console.log(`the logs of what did not start are kept in ${folder}`);
  } catch (error) {
    console.log(`not all logs could be kept in ${folder}: ${error instanceof Error ? error.message : String(error)}`);
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
