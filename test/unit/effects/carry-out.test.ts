import { describe, expect, it } from '@jest/globals';
import { ConflictError, RefusedRequestError, RetryableError, TerminalError } from '../../../src/domain/errors.ts';
import type { Hands } from '../../../src/effects/apply.ts';
import { carryOut, type Refusal } from '../../../src/effects/carry-out.ts';
import type { Effect } from '../../../src/effects/effect.ts';
import type { Kube } from '../../../src/kube/port.ts';
import { FakeKube } from '../../support/fake-kube.ts';
import { recordingLog } from '../../support/recording-log.ts';

const effect = (name: string): Effect => ({ do: 'delete-job', key: { namespace: 'team', name }, uid: '1' });

/** What is tried and told, in order, when the second of three effects fails with `error`. */
async function story(error: unknown): Promise<{ readonly seen: readonly unknown[]; readonly thrown: unknown }> {
  const seen: unknown[] = [];
  const kube: Kube = new FakeKube();
  kube.delete = async (_resource, { name }) => {
    seen.push(name);
    if (name === 'second') throw error;
    return 'missing';
  };
  const hands: Hands = { kube, engine: undefined, log: recordingLog().log };
  const tell = async (refusal: Refusal | undefined): Promise<void> => void seen.push(refusal);
  try {
    await carryOut([effect('first'), effect('second'), effect('third')], hands, tell);
    return { seen, thrown: undefined };
  } catch (thrown) {
    return { seen, thrown };
  }
}

describe('carrying a decision out', () => {
  it('tells that nothing was refused', async () => {
    const told: unknown[] = [];
    await carryOut([], { kube: new FakeKube(), engine: undefined, log: recordingLog().log }, async refusal => {
      told.push(refusal);
    });
    expect(told).toEqual([undefined]);
  });

  it('tells what may mend before it is tried again', async () => {
    const error = new RetryableError('KubernetesDenied', 'exceeded quota');
    const refusal = { effect: 'delete-job', reason: 'KubernetesDenied', message: 'exceeded quota', isFinal: false };
    expect(await story(error)).toEqual({ seen: ['first', 'second', refusal], thrown: error });
  });

  it('leaves what cannot mend to the status', async () => {
    const refusal = { effect: 'delete-job', reason: 'Drifted', message: 'moved', isFinal: true };
    expect(await story(new TerminalError('Drifted', 'moved'))).toEqual({
      seen: ['first', 'second', refusal],
      thrown: undefined,
    });
  });

  it('tells of a request that is refused for what it says, and tries it again: what it meets may be mended', async () => {
    const error = new RefusedRequestError('400 no');
    const refusal = { effect: 'delete-job', reason: 'RequestRefused', message: '400 no', isFinal: false };
    expect(await story(error)).toEqual({ seen: ['first', 'second', refusal], thrown: error });
  });

  it('tells of an error without a reason too, and leaves it to the log', async () => {
    const bug = new TypeError('x is not a function');
    const refusal = { effect: 'delete-job', reason: 'Unexpected', message: 'x is not a function', isFinal: false };
    expect(await story(bug)).toEqual({ seen: ['first', 'second', refusal], thrown: bug });
  });

  it('says nothing of a conflict: the decision was made on what is no longer so', async () => {
    const conflict = new ConflictError('moved');
    expect(await story(conflict)).toEqual({ seen: ['first', 'second'], thrown: conflict });
  });
});
