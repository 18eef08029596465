import { describe, expect, it } from '@jest/globals';
import { ConflictError, RefusedRequestError, RetryableError, TerminalError } from '../../../src/domain/errors.ts';
import { carryOut, type Refusal } from '../../../src/plan/carry-out.ts';
import { effect } from '../../../src/plan/effect.ts';
import { recordingLog } from '../../support/fakes/recording-log.ts';

type Tried = { readonly seen: unknown[]; readonly error: unknown };

const tryOut = effect({
  name: 'try-out',
  target: ({ name }: { readonly name: string }) => name,
  run: async ({ name }, { seen, error }: Tried) => {
    seen.push(name);
    if (name === 'second') throw error;
  },
});
const [first, second, third] = [tryOut({ name: 'first' }), tryOut({ name: 'second' }), tryOut({ name: 'third' })];

/** What is tried and told, in order, when the second of three effects fails with `error`. */
async function story(error: unknown): Promise<{ readonly seen: readonly unknown[]; readonly thrown: unknown }> {
  const seen: unknown[] = [];
  const { log } = recordingLog();
  const tell = async (refusal: Refusal | undefined): Promise<void> => void seen.push(refusal);
  try {
    await carryOut([first, second, third], { hands: { seen, error }, log }, tell);
    return { seen, thrown: undefined };
  } catch (thrown) {
    return { seen, thrown };
  }
}

describe('carrying a decision out', () => {
  it('tells that nothing was refused', async () => {
    const told: unknown[] = [];
    await carryOut([], { hands: undefined, log: recordingLog().log }, async refusal => {
      told.push(refusal);
    });
    expect(told).toEqual([undefined]);
  });

  it('tells what may mend before it is tried again', async () => {
    const error = new RetryableError('KubernetesDenied', 'exceeded quota');
    const refusal = { effect: second, reason: 'KubernetesDenied', message: 'exceeded quota', isFinal: false };
    expect(await story(error)).toEqual({ seen: ['first', 'second', refusal], thrown: error });
  });

  it('leaves what cannot mend to the status', async () => {
    const refusal = { effect: second, reason: 'Drifted', message: 'moved', isFinal: true };
    expect(await story(new TerminalError('Drifted', 'moved'))).toEqual({
      seen: ['first', 'second', refusal],
      thrown: undefined,
    });
  });

  it('tells of a request that is refused for what it says, and tries it again: what it meets may be mended', async () => {
    const error = new RefusedRequestError('400 no');
    const refusal = { effect: second, reason: 'RequestRefused', message: '400 no', isFinal: false };
    expect(await story(error)).toEqual({ seen: ['first', 'second', refusal], thrown: error });
  });

  it('tells of an error without a reason too, and leaves it to the log', async () => {
    const bug = new TypeError('x is not a function');
    const refusal = { effect: second, reason: 'Unexpected', message: 'x is not a function', isFinal: false };
    expect(await story(bug)).toEqual({ seen: ['first', 'second', refusal], thrown: bug });
  });

  it('says nothing of a conflict: the decision was made on what is no longer so', async () => {
    const conflict = new ConflictError('moved');
    expect(await story(conflict)).toEqual({ seen: ['first', 'second'], thrown: conflict });
  });
});
