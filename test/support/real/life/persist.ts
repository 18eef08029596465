import { setTimeout as sleep } from 'node:timers/promises';

const everyMs = 300;
/** Longer than any fault of daily life lasts. */
const atMostMs = 150_000;

/** Does it again for as long as it fails: what people do while the API server or the engine is away, they do again. */
export async function persist<T>(act: () => Promise<T>): Promise<T> {
  const begunMs = performance.now();
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (performance.now() - begunMs > atMostMs) throw error;
      await sleep(everyMs);
    }
  }
}
