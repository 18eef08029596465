import { describe, expect, it } from '@jest/globals';
import { patienceMs, Line } from '../../../src/runs/line.ts';
import { handClock } from '../../support/fakes/hand-clock.ts';

describe('line', () => {
  it('keep a place for the one whose turn it is, and no longer than its time', async () => {
    const clock = handClock();
    const line = new Line(clock);
    line.call('run');
    await clock.advance(patienceMs - 1);
    line.call('run');
    expect(line.standsAside('run')).toBe(false);
    await clock.advance(1);
    expect(line.standsAside('run')).toBe(true);
    expect(line.standsAside('another')).toBe(false);
  });

  it('give no more time to one that begins again and again', async () => {
    const clock = handClock();
    const line = new Line(clock);
    line.call('run');
    await clock.advance(patienceMs - 1);
    line.looked('run', 'begins');
    await clock.advance(1);
    expect(line.standsAside('run')).toBe(true);
  });

  it('give it anew to one that was looked at while its turn was over', async () => {
    const clock = handClock();
    const line = new Line(clock);
    line.call('run');
    await clock.advance(patienceMs);
    line.looked('run', 'in line');
    expect(line.standsAside('run')).toBe(false);
    line.call('run');
    expect(line.standsAside('run')).toBe(false);
  });

  it('let one stand aside until a look says otherwise, or it is gone', () => {
    const line = new Line(handClock());
    line.looked('run', 'aside');
    expect(line.standsAside('run')).toBe(true);
    line.looked('run', 'in line');
    expect(line.standsAside('run')).toBe(false);
    line.looked('run', 'aside');
    line.looked('run', 'begins');
    expect(line.standsAside('run')).toBe(false);
    line.looked('run', 'aside');
    line.forget('run');
    expect(line.standsAside('run')).toBe(false);
  });
});
