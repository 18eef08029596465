import { describe, expect, it } from '@jest/globals';
import { RetryableError, TerminalError } from '../../../../src/domain/errors.ts';
import { waitForEngine } from '../../../../src/workers/run/engine-wait.ts';
import { handClock } from '../../../support/fakes/hand-clock.ts';

const away = () => new RetryableError('EngineUnavailable', 'nobody answers');

describe('a worker that finds no engine', () => {
  const never = new AbortController().signal;

  /** Asks an engine that is away for the first `failures` questions. */
  function asking(failures: number, last?: Error) {
    const clock = handClock();
    const state = { asked: 0, isOver: false };
    const told: string[] = [];
    const onAway = ({ message }: Error): void => {
      told.push(message);
    };
    const ask = async (): Promise<void> => {
      state.asked += 1;
      if (state.asked <= failures) throw away();
      if (last) throw last;
    };
    const start = (signal: AbortSignal = never): void => {
      void waitForEngine(ask, { clock, signal, onAway }).then(() => {
        state.isOver = true;
      });
    };
    return { clock, state, told, start };
  }

  it('goes on at once when it answers', async () => {
    const { clock, state, told, start } = asking(0);
    start();
    await clock.advance(0);
    expect(told).toEqual([]);
    expect(state).toEqual({ asked: 1, isOver: true });
  });

  it('goes on within seconds after it is back', async () => {
    const { clock, state, start } = asking(20);
    start();
    await clock.advance(80_000);
    expect(state).toMatchObject({ isOver: false });
    await clock.advance(10_000);
    expect(state).toEqual({ asked: 21, isOver: true });
  });

  it('takes a refusal for an answer', async () => {
    const { clock, state, start } = asking(1, new TerminalError('AuthenticationFailed', 'no'));
    start();
    await clock.advance(500);
    expect(state).toEqual({ asked: 2, isOver: true });
  });

  it('says so once, and gives up after five minutes', async () => {
    const { clock, state, told, start } = asking(Infinity);
    start();
    await clock.advance(0);
    expect(told).toEqual(['nobody answers']);
    await clock.advance(299_000);
    expect(state.isOver).toBe(false);
    await clock.advance(6_000);
    expect(state.isOver).toBe(true);
    expect(told).toHaveLength(1);
  });

  it('ends when the pod is told to', async () => {
    const stop = new AbortController();
    const { clock, state, start } = asking(Infinity);
    start(stop.signal);
    await clock.advance(2_000);
    stop.abort();
    await clock.advance(0);
    expect(state.isOver).toBe(true);
  });
});
