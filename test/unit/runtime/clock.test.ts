import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../../src/runtime/clock.ts';
import { handClock } from '../../support/fakes/hand-clock.ts';

describe('system clock', () => {
  it('sleeps about as long as it is told', async () => {
    const startedMs = systemClock.elapsedMs();
    await systemClock.sleep(50);
    expect(systemClock.elapsedMs() - startedMs).toBeGreaterThanOrEqual(45);
  });

  it.each([
    { says: 'before it begins', abort: (controller: AbortController) => controller.abort() },
    { says: 'while it lasts', abort: (controller: AbortController) => void setTimeout(() => controller.abort(), 10) },
  ])('ends a sleep that is aborted $says, without an error', async ({ abort }) => {
    const controller = new AbortController();
    abort(controller);
    // Longer than the longest timer of the platform, which would otherwise fire at once or never.
    await systemClock.sleep(1e12, controller.signal);
  });
});

describe('hand clock', () => {
  it('wakes sleepers in the order of their times, each at its own', async () => {
    const clock = handClock();
    const woken: string[] = [];
    const sleeper = async (name: string, ms: number): Promise<void> => {
      await clock.sleep(ms);
      woken.push(`${name} at ${clock.elapsedMs()}`);
      if (ms === 10) void sleeper(`${name} again`, 15);
    };
    void sleeper('late', 30);
    void sleeper('early', 10);
    await clock.advance(40);
    expect(woken).toEqual(['early at 10', 'early again at 25', 'late at 30']);
    expect(clock.now()).toEqual(new Date('2026-01-01T00:00:00.040Z'));
  });
});
