/** Does one step of a longer work and tells about it; answers what the step answers. */
export type StepRunner = <T>(title: string, work: () => Promise<T>) => Promise<T>;

const HEARTBEAT_MS = 20_000;

/**
 * A runner for `total` steps that prints for each: which of how many, what it does, and how long it took. A long one
 * says every 20 s that it is still at it.
 */
export function countedSteps(total: number): StepRunner {
  let count = 0;
  return async (title, work) => {
    count += 1;
    const begun = performance.now();
    console.log(`[${String(count).padStart(2)}/${total}] ${title}`);
    const heartbeat = setInterval(() => {
      console.log(`        still at it after ${elapsed(begun)}`);
    }, HEARTBEAT_MS);
    try {
      const result = await work();
      console.log(`        done in ${elapsed(begun)}`);
      return result;
    } catch (error) {
      console.log(`        failed after ${elapsed(begun)}`);
      throw error;
    } finally {
      clearInterval(heartbeat);
    }
  };
}

/** Time since `begun` (of performance.now()) for people: `3.4 s`, `7 min 12 s`. */
export function elapsed(begun: number): string {
  const seconds = (performance.now() - begun) / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
}
