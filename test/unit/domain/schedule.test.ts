import { describe, expect, it } from '@jest/globals';
import { nextRunText, nextTick, readSchedule, ticked, type Schedule } from '../../../src/domain/schedule.ts';

function schedule(text: string, timeZone = 'Etc/UTC', uid = 'a'): Schedule {
  const read = readSchedule(text, timeZone, uid);
  if (read.is === 'invalid') throw new Error(read.message);
  return read;
}

describe('a schedule', () => {
  it.each([
    ['61 * * * *', 'Etc/UTC', 'InvalidSchedule'],
    ['0 0 30 2 *', 'Etc/UTC', 'InvalidSchedule'],
    ['* * * * * *', 'Etc/UTC', 'InvalidSchedule'],
    ['@reboot', 'Etc/UTC', 'InvalidSchedule'],
    ['@every 1s', 'Etc/UTC', 'InvalidSchedule'],
    ['@every 10 minutes', 'Etc/UTC', 'InvalidSchedule'],
    ['', 'Etc/UTC', 'InvalidSchedule'],
    ['0 2 * * *', 'Mars/Olympus', 'InvalidTimeZone'],
  ])('%j in %s is refused as %s', (text, zone, reason) => {
    expect(readSchedule(text, zone, 'a')).toMatchObject({ is: 'invalid', reason });
  });

  it('reads cron in its time zone', () => {
    const next = nextTick(schedule('0 2 * * *', 'Europe/Paris'), new Date('2026-07-01T12:00:00Z'));
    expect(next.toISOString()).toBe('2026-07-02T00:00:00.000Z');
  });

  it('runs once for a slot that the clock passes twice when summer time ends', () => {
    const paris = schedule('30 2 * * *', 'Europe/Paris');
    const first = nextTick(paris, new Date('2026-10-24T12:00:00Z'));
    const second = nextTick(paris, first);
    expect(second.getTime() - first.getTime()).toBeGreaterThan(23 * 3_600_000);
  });

  it('runs once, at the end of the gap, for a slot that the clock skips when summer time begins', () => {
    const paris = schedule('30 2 * * *', 'Europe/Paris');
    const inGap = nextTick(paris, new Date('2026-03-28T12:00:00Z'));
    expect(inGap.toISOString()).toBe('2026-03-29T01:00:00.000Z');
    expect(nextTick(paris, inGap).toISOString()).toBe('2026-03-30T00:30:00.000Z');
  });

  it('spreads @every over its interval by the uid, and keeps each to its own place', () => {
    const now = new Date('2026-11-21T00:00:00Z');
    const offsets = ['a', 'b', 'c', 'd'].map(
      uid => nextTick(schedule('@every 10m', 'Etc/UTC', uid), now).getTime() % 600_000,
    );
    expect(new Set(offsets).size).toBe(4);
    const again = nextTick(schedule('@every 10m'), new Date(now.getTime() + 3_600_000)).getTime() % 600_000;
    expect(again).toBe(offsets[0]);
  });

  it('counts any number of missed ticks as one', () => {
    const every = schedule('@every 10m');
    const since = new Date('2026-11-21T00:00:00Z');
    expect(ticked(every, since, new Date('2026-11-22T00:00:00Z'))).toBe(true);
    const tick = nextTick(every, since);
    expect(ticked(every, tick, new Date(tick.getTime() + 599_000))).toBe(false);
    expect(ticked(every, tick, new Date(tick.getTime() + 600_000))).toBe(true);
  });

  it.each([
    ['@every 10m', 'every 10m'],
    ['*/5 * * * *', '*/5 * * * *'],
    ['0 2 * * *', '2026-11-22T02:00:00Z'],
  ])('%j is shown as %j, so that a quiet repository is not written to at every tick', (text, shown) => {
    expect(nextRunText(schedule(text), text, new Date('2026-11-21T12:00:00Z'))).toBe(shown);
  });
});
