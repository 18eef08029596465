import { beforeEach, describe, expect, it } from '@jest/globals';
import { indexedRepoResource as resource } from '../../../src/api/indexed-repo.ts';
import type { KubeObject } from '../../../src/api/object.ts';
import { QuietWrites } from '../../../src/kube/quiet-writes.ts';

const key = { namespace: 'team', name: 'kibana' };

/** A write that is answered when the test says so, with the version 2. */
class HeldWrite {
  answer: (answer: KubeObject | 'gone') => void = () => undefined;
  fail: (error: Error) => void = () => undefined;

  async patchStatus<T extends KubeObject>(): Promise<T | 'gone'> {
    return new Promise((resolve, reject) => {
      this.answer = resolve as typeof this.answer;
      this.fail = reject;
    });
  }
}

const written = { metadata: { resourceVersion: '2' } } as KubeObject;

describe('a quiet write', () => {
  let held: HeldWrite;
  let woken: string[];
  let quiet: QuietWrites;
  beforeEach(() => {
    held = new HeldWrite();
    woken = [];
    quiet = new QuietWrites(held, ({ name }) => void woken.push(name));
  });
  const write = async (): Promise<unknown> => quiet.patchStatus(resource, key, '1', {});

  it('comes back without waking anybody, once', async () => {
    const writing = write();
    held.answer(written);
    expect(await writing).toBe(written);
    expect(quiet.isOwnWrite(key, '2')).toBe(true);
    expect(quiet.isOwnWrite(key, '2')).toBe(false);
    expect(woken).toEqual([]);
  });

  it('comes back before it is answered without waking anybody', async () => {
    const writing = write();
    expect(quiet.isOwnWrite(key, '2')).toBe(true);
    held.answer(written);
    await writing;
    expect(woken).toEqual([]);
    expect(quiet.isOwnWrite(key, '3')).toBe(false);
  });

  it.each([
    ['a change of somebody else after it', ['2', '3']],
    ['a change of somebody else before it', ['1b', '2']],
    ['that the object is gone', [undefined]],
  ])('wakes for %s, when it is answered', async (_what, heard) => {
    const writing = write();
    for (const version of heard) expect(quiet.isOwnWrite(key, version)).toBe(true);
    expect(woken).toEqual([]);
    held.answer(written);
    await writing;
    expect(woken).toEqual(['kibana']);
  });

  it.each([
    ['finds the object gone', (): void => held.answer('gone')],
    ['is refused', (): void => held.fail(new Error('conflict'))],
  ])('that %s wakes for what was heard meanwhile, and takes nothing later', async (_what, end) => {
    const writing = write().catch(() => undefined);
    quiet.isOwnWrite(key, '2');
    end();
    await writing;
    expect(woken).toEqual(['kibana']);
    expect(quiet.isOwnWrite(key, '2')).toBe(false);
  });

  it('takes no change of somebody else, nor of another object', async () => {
    const writing = write();
    expect(quiet.isOwnWrite({ ...key, name: 'linux' }, '2')).toBe(false);
    held.answer(written);
    await writing;
    expect(quiet.isOwnWrite({ ...key, name: 'linux' }, '2')).toBe(false);
    expect(quiet.isOwnWrite(key, '3')).toBe(false);
    expect(quiet.isOwnWrite(key, undefined)).toBe(false);
  });
});
