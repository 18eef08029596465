import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { installShutdown } from '../../../src/runtime/shutdown.ts';
import type { ShutdownOptions } from '../../../src/runtime/shutdown.ts';
import { handClock } from '../../support/fakes/hand-clock.ts';
import { recordingLog } from '../../support/fakes/recording-log.ts';

const aProcess = (steps: (order: string[]) => ShutdownOptions['steps']) => {
  const clock = handClock();
  const { log, lines } = recordingLog();
  const order: string[] = [];
  const emitter = new EventEmitter();
  const host = Object.assign(emitter, {
    exit: (code: number) => {
      order.push(`exit ${code}`);
    },
  }) as unknown as NonNullable<ShutdownOptions['process']>;
  const shutdown = installShutdown({ log, clock, steps: steps(order), process: host });
  return { clock, lines, order, emitter, shutdown };
};

describe('shutdown', () => {
  it('runs its steps in order on SIGTERM and exits 0', async () => {
    const { clock, order, emitter } = aProcess(order => [
      { name: 'queue', atMostMs: 2_000, run: async () => void order.push('queue') },
      { name: 'lease', atMostMs: 2_000, run: async () => void order.push('lease') },
    ]);
    emitter.emit('SIGTERM');
    await clock.advance(1);
    expect(order).toEqual(['queue', 'lease', 'exit 0']);
    expect(clock.sleepers).toBe(0);
  });

  it('leaves a step behind that takes too long, and one that fails', async () => {
    const { clock, order, emitter, lines } = aProcess(order => [
      { name: 'stuck', atMostMs: 2_000, run: async () => new Promise(() => undefined) },
      { name: 'broken', atMostMs: 2_000, run: async () => Promise.reject(new Error('no')) },
      { name: 'lease', atMostMs: 2_000, run: async () => void order.push('lease') },
    ]);
    emitter.emit('SIGINT');
    await clock.advance(1_900);
    expect(order).toEqual([]);
    await clock.advance(200);
    expect(order).toEqual(['lease', 'exit 0']);
    expect(lines.map(line => [line.level, line['step']])).toEqual([
      ['info', undefined],
      ['warn', 'stuck'],
      ['error', 'broken'],
      ['info', undefined],
    ]);
  });

  it('ends at once on a second signal', async () => {
    const { clock, order, emitter } = aProcess(() => [
      { name: 'stuck', atMostMs: 60_000, run: async () => new Promise(() => undefined) },
    ]);
    emitter.emit('SIGTERM');
    await clock.advance(10);
    emitter.emit('SIGTERM');
    expect(order).toEqual(['exit 1']);
  });

  it('ends with the code of the first call, for instance when the lease is lost', async () => {
    const { clock, order, shutdown, emitter } = aProcess(() => []);
    void shutdown('lease lost', 1);
    await clock.advance(1);
    expect(order).toEqual(['exit 1']);
    expect(emitter.listenerCount('SIGTERM')).toBe(1);
  });
});
