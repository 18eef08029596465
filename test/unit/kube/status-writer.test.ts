import { describe, expect, it } from '@jest/globals';
import { indexedRepoResource as resource } from '../../../src/api/indexed-repo.ts';
import { writeStatus } from '../../../src/kube/status-writer.ts';
import { FakeKube } from '../../support/fake-kube.ts';
import { handClock } from '../../support/hand-clock.ts';
import { recordingLog } from '../../support/recording-log.ts';

type Shown = { readonly type: string; readonly status: string; readonly reason: string; readonly message: string };
const aShown = (type: string, status: string, reason: string): Shown => ({ type, status, reason, message: '' });

const paused = aShown('Paused', 'True', 'PausedBySpec');
const building = aShown('Reconciling', 'True', 'NoLiveVersion');
const stalled = aShown('Stalled', 'True', 'ClusterNotFound');
const ready = aShown('Ready', 'True', 'Live');
const calm = [aShown('Paused', 'False', 'NotPaused'), aShown('Reconciling', 'False', 'Idle')];

/** What is told when a status changes from `before` to `after`. */
async function toldOf(before: readonly Shown[], after: readonly Shown[]): Promise<readonly string[]> {
  const clock = handClock();
  const kube = new FakeKube(() => clock.now());
  const metadata = { namespace: 'team', name: 'kibana' };
  await kube.create(resource, { apiVersion: 'reindeer.dev/v1alpha1', kind: 'IndexedRepo', metadata, spec: {} });
  const created = await kube.get(resource, metadata);
  const told: string[] = [];
  await writeStatus(
    { kube, events: { record: async (_about, { type, reason }) => void told.push(`${type} ${reason}`) } },
    {
      resource,
      object: { metadata: created!.metadata, status: { conditions: before } },
      status: { conditions: after },
      log: recordingLog().log,
    },
  );
  return told;
}

describe('events of a status', () => {
  it.each([
    ['a new object that is paused says so itself', [], [paused], []],
    ['a new object has nothing built yet, which nobody needs to be told', [], [building], []],
    ['what is wrong with a new object is told at once', [], [paused, stalled], ['Warning ClusterNotFound']],
    ['a new object that is ready is told', [], [ready], ['Normal Live']],
    ['a pause that came later is told', calm, [paused], ['Normal PausedBySpec']],
    ['a rebuild that became due later is told', calm, [building], ['Normal NoLiveVersion']],
    ['what stayed as it was is not told', [stalled], [{ ...stalled, message: 'again' }], []],
    [
      'conditions with one reason are one event',
      calm,
      [stalled, aShown('Ready', 'False', 'ClusterNotFound')],
      ['Warning ClusterNotFound'],
    ],
  ] as const)('%s', async (_says, before, after, told) => {
    expect(await toldOf(before, after)).toEqual(told);
  });

  it('are not told of a status that is as it was', async () => {
    expect(await toldOf([ready], [ready])).toEqual([]);
  });
});
