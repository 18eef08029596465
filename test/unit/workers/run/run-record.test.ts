import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Engine } from '../../../../src/engine/port.ts';
import { settingsOn } from '../../../../src/registry/settings.ts';
import { runBook } from '../../../../src/workers/run/run-record.ts';
import { aRunRecord, aVersionRecord } from '../../../support/objects/a-record.ts';
import { fakeEngine } from '../../../support/fakes/fake-engine.ts';
import { documentsRole, meddled } from '../../../support/fakes/meddle.ts';

const run = { run: 'job-1', index: 'kibana-v1' };

describe('the record of a run', () => {
  let engine: Engine;
  beforeEach(async () => {
    engine = fakeEngine();
    await operator().ensure();
    await operator().createVersion(aVersionRecord());
  });
  const operator = () => settingsOn(engine, 'reindeer-settings');

  /** All that a pod says of itself, from its first word to its last; `before` is told of each call to the engine. */
  async function lifeOfPod(before: (call: number) => Promise<void>): Promise<number> {
    let calls = 0;
    const documents = meddled(
      () => engine.documents,
      documentsRole,
      async (_call, carryOut) => {
        await before((calls += 1));
        return carryOut();
      },
    );
    const book = runBook(settingsOn({ ...engine, documents }, 'reindeer-settings'), run);
    const isBegun = await book.begin(aRunRecord()).then(
      () => true,
      () => false,
    );
    for (const done of isBegun ? [1, 2] : []) await book.write(aRunRecord({ done })).catch(() => undefined);
    await before(Infinity);
    return calls;
  }

  it('holds the last word of its pod, which makes six calls for three', async () => {
    expect(await lifeOfPod(async () => undefined)).toBe(6);
    expect(await operator().runRecord('job-1')).toMatchObject({ done: 2 });
  });

  const moments = [1, 2, 3, 4, 5, 6, Infinity];
  const orders = moments.flatMap(version =>
    moments.filter(each => each >= version).map(record => ({ version, record })),
  );
  it.each(orders)(
    'stays deleted: its version before call $version of the pod, itself before call $record',
    async at => {
      const due = new Map([
        ['version', async () => operator().deleteVersion('kibana-v1')],
        ['record', async () => operator().deleteRun('job-1')],
      ] as const);
      await lifeOfPod(async call => {
        for (const [what, carryOut] of [...due]) {
          if (call < at[what]) continue;
          due.delete(what);
          await carryOut();
        }
      });
      expect(due.size).toBe(0);
      expect(await operator().runRecord('job-1')).toBeUndefined();
    },
  );

  it('is begun again by a pod that replaces another', async () => {
    await lifeOfPod(async () => undefined);
    await runBook(operator(), run).begin(aRunRecord({ attempts: 2 }));
    expect(await operator().runRecord('job-1')).toMatchObject({ attempts: 2, done: 0 });
  });
});
