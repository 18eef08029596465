import { describe, expect, it } from '@jest/globals';
import { indexedRepoResource as resource } from '../../../src/api/indexed-repo.ts';
import { writeStatus } from '../../../src/objects/status-writer.ts';
import { FakeKube } from '../../support/fakes/fake-kube.ts';
import { handClock } from '../../support/fakes/hand-clock.ts';
import { recordingLog } from '../../support/fakes/recording-log.ts';

type Shown = { readonly type: string; readonly status: string; readonly reason: string; readonly message: string };
const aShown = (type: string, status: string, reason: string): Shown => ({ type, status, reason, message: '' });

const paused = aShown('Paused', 'True', 'PausedBySpec');
const building = aShown('Reconciling', 'True', 'NoLiveVersion');
const stalled = aShown('Stalled', 'True', 'ClusterNotFound');
const ready = aShown('Ready', 'True', 'Live');
const calm = [aShown('Paused', 'False', 'NotPaused'), aShown('Reconciling', 'False', 'Idle')];

type Lines = ReturnType<typeof recordingLog>['lines'];

/** What is told, and what is logged, when a status changes from `before` to `after`. */
async function toldOf(before: readonly Shown[], after: readonly Shown[]): Promise<readonly string[]> {
  return (await writtenOf({ conditions: before }, { conditions: after })).told;
}

type Status = { readonly conditions: readonly Shown[]; readonly observedGeneration?: number };

async function writtenOf(
  before: Status,
  after: Status,
): Promise<{ readonly told: readonly string[]; readonly lines: Lines }> {
  const clock = handClock();
  const kube = new FakeKube(() => clock.now());
  const metadata = { namespace: 'team', name: 'kibana' };
  await kube.create(resource, { apiVersion: 'reindeer.dev/v1alpha1', kind: 'IndexedRepo', metadata, spec: {} });
  const created = await kube.get(resource, metadata);
  const told: string[] = [];
  const { log, lines } = recordingLog();
  await writeStatus(
    { kube, events: { record: async (_about, { type, reason }) => void told.push(`${type} ${reason}`) } },
    {
      resource,
      object: { metadata: created!.metadata, status: before },
      status: after,
      log,
    },
  );
  return { told, lines };
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
    [
      'how a run ended is a warning, though it is also finished for that reason',
      [aShown('Finished', 'False', 'Running'), aShown('Succeeded', 'Unknown', 'Running')],
      [aShown('Finished', 'True', 'VersionNotFound'), aShown('Succeeded', 'False', 'VersionNotFound')],
      ['Warning VersionNotFound'],
    ],
    [
      'another reason to wait for a human is told',
      [stalled],
      [aShown('Stalled', 'True', 'SecretNotFound')],
      ['Warning SecretNotFound'],
    ],
    [
      'what cannot be known any more is told',
      [ready],
      [aShown('Ready', 'Unknown', 'EngineUnavailable')],
      ['Warning EngineUnavailable'],
    ],
    [
      'what keeps work from going on is told',
      [building],
      [aShown('Reconciling', 'True', 'EngineUnavailable')],
      ['Warning EngineUnavailable'],
    ],
    ['that nothing waits any more is told', [stalled], [aShown('Stalled', 'False', 'Idle')], ['Normal Idle']],
    [
      'what was told as the result is not told again as the end',
      [aShown('Stalled', 'False', 'LockBroken'), aShown('Succeeded', 'False', 'LockBroken')],
      [aShown('Stalled', 'True', 'LockBroken'), aShown('Succeeded', 'False', 'LockBroken')],
      [],
    ],
    [
      'who holds the alias is nothing to tell, nor that a build is over',
      [aShown('Locked', 'True', 'HeldByRequest'), building, ready],
      [aShown('Locked', 'False', 'Free'), aShown('Reconciling', 'False', 'Idle'), ready],
      [],
    ],
    [
      'who holds the alias in silence is told once, whatever else it keeps from going on later',
      [aShown('Locked', 'True', 'HeldOutside'), aShown('Fresh', 'True', 'UpToDate')],
      [aShown('Locked', 'True', 'LockSilent'), aShown('Fresh', 'True', 'UpToDate')],
      ['Warning LockSilent'],
    ],
    [
      'what that holder keeps from going on is no other news',
      [aShown('Locked', 'True', 'LockSilent'), aShown('Fresh', 'True', 'UpToDate')],
      [aShown('Locked', 'True', 'LockSilent'), aShown('Fresh', 'False', 'LockSilent')],
      [],
    ],
    [
      'what is being built is no warning',
      [aShown('Ready', 'Unknown', 'Pending')],
      [aShown('Ready', 'False', 'Building')],
      [],
    ],
  ] as const)('%s', async (_says, before, after, told) => {
    expect(await toldOf(before, after)).toEqual(told);
  });

  it('are not told of a status that is as it was', async () => {
    expect(await toldOf([ready], [ready])).toEqual([]);
  });
});

describe('the log of a status', () => {
  const wrong = (type: string, status: string) => ({
    ...aShown(type, status, 'RefNotFound'),
    message: 'no such branch',
  });

  it.each<[string, readonly Shown[], string]>([
    ['Stalled', [wrong('Stalled', 'True')], 'warn'],
    [
      'Stalled behind another condition of the same reason',
      [wrong('Ready', 'False'), wrong('Stalled', 'True')],
      'warn',
    ],
    ['a run that ended badly', [wrong('Succeeded', 'False')], 'warn'],
    ['a run that ended well', [wrong('Succeeded', 'True')], 'info'],
    ['what mends by itself', [wrong('Fresh', 'False')], 'info'],
  ])('has a line with the message for %s', async (_, conditions, level) => {
    const { lines } = await writtenOf({ conditions: calm }, { conditions });
    const line = { level, msg: 'condition changed', reason: 'RefNotFound', message: 'no such branch' };
    expect(lines).toEqual([expect.objectContaining(line)]);
  });

  it('says once that a spec was seen for the first time', async () => {
    const first = await writtenOf({ conditions: calm }, { conditions: calm, observedGeneration: 4 });
    expect(first.lines).toEqual([expect.objectContaining({ level: 'info', msg: 'spec seen', generation: 4 })]);
    const again = { conditions: [ready], observedGeneration: 4 };
    const { lines } = await writtenOf({ conditions: calm, observedGeneration: 4 }, again);
    expect(lines.map(line => line['msg'])).toEqual(['condition changed']);
  });
});
