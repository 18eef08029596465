import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Looks every 50 ms until `look` answers something other than undefined or false; after `withinMs` throws with what
 * `state` says then.
 */
export const eventually = async <T>(
  what: string,
  withinMs: number,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  state: () => unknown = () => 'nothing more is known',
): Promise<T> => {
  const startedMs = performance.now();
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (performance.now() - startedMs > withinMs) {
      throw new Error(`${what}: not within ${withinMs} ms; last state: ${JSON.stringify(state())}`);
    }
    await sleep(50);
  }
};
