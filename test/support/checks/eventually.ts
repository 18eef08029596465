import { setTimeout as sleep } from 'node:timers/promises';

/** A look that takes long is taken less often, so that looking never takes more than a fifth of the time. */
const pauseMs = { least: 50, most: 1000, perLook: 4 };

/**
 * Looks again and again until `look` answers something other than undefined or false; after `withinMs` throws with what
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
    const lookedMs = performance.now();
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    const nowMs = performance.now();
    if (nowMs - startedMs > withinMs) throw new Error(`${what}: not within ${withinMs} ms; ${await lastState(state)}`);
    await sleep(Math.min(pauseMs.most, Math.max(pauseMs.least, pauseMs.perLook * (nowMs - lookedMs))));
  }
};

async function lastState(state: () => unknown): Promise<string> {
  const last = await state();
  return `last state: ${typeof last === 'string' ? last : JSON.stringify(last)}`;
}
