import { describe, expect, it } from '@jest/globals';
import { decideRepo } from '../../../src/indexed-repo/decide.ts';
import { rebuildDue } from '../../../src/indexed-repo/due.ts';
import type { Observed } from '../../../src/indexed-repo/observed.ts';
import { repoStatus } from '../../../src/indexed-repo/status.ts';
import { aKeptRepo, aRestingRepo } from '../../support/objects/a-repo-look.ts';
import { at } from '../../support/objects/an-object.ts';

type Rebuild = NonNullable<Observed['repo']['status']['rebuild']>;

/** At 0:00 on the first of January, v1 live; this is declared of rebuilds, and this was written of them last. */
function look(spec: object, rebuild: Rebuild, live = 1): Observed {
  const status = { live: { name: `kibana-v${live}`, number: live }, rebuild } as Observed['repo']['status'];
  return aRestingRepo({ repo: aKeptRepo({ spec: { rebuild: spec }, status }) });
}

const hourly = { schedule: '0 * * * *' };
const scheduled = { reason: 'Scheduled', message: 'as it was', held: false } as const;

describe('a slot of a rebuild', () => {
  it.each<readonly [string, Observed, string]>([
    ['has come at its very second', look(hourly, { next: at(0) }), 'Scheduled wanted'],
    ['has not come a second before', look(hourly, { next: at(3600) }), ''],
    ['that was missed for long has come once', look(hourly, { next: at(-3600 * 24 * 400) }), 'Scheduled wanted'],
    ['of an interval has come when it is past', look({ schedule: '@every 1m' }, { next: at(-61) }), 'Scheduled wanted'],
    ['is waited for where none was named yet', look(hourly, {}), ''],
    ['is waited for where what was named is no time', look(hourly, { next: 'soon' }), ''],
    ['of a schedule that changed is none of the new one', look({ schedule: '0 5 * * *' }, { next: at(-3600) }), ''],
    ['stays due until it is answered', look(hourly, { next: at(3600), due: [scheduled] }), 'Scheduled wanted'],
    ['goes with its schedule', look({}, { next: at(-60), due: [scheduled] }), ''],
    ['is nothing where the schedule cannot be read', look({ schedule: '0 0 30 2 *' }, { next: at(-60) }), ''],
    ['is answered by another version, however it came', look(hourly, { next: at(0), due: [scheduled] }, 7), ''],
    [
      'that a hold passed over is not made up for',
      look(hourly, { next: at(3600), due: [{ ...scheduled, held: true }] }),
      '',
    ],
  ])('%s', (_row, o, expected) => {
    const due = rebuildDue(o).find(({ reason }) => reason === 'Scheduled');
    expect(due ? `${due.reason} ${due.is}` : '').toBe(expected);
  });

  it('is said in the status, and the look at it is planned', () => {
    const o = look(hourly, {});
    const decision = decideRepo(o);
    expect(repoStatus(o, decision).rebuild?.next).toBe(at(3600));
    expect(decision.againInMs).toBeLessThanOrEqual(3_600_000);
  });

  it('is not forgotten while the engine cannot be asked', () => {
    const o = { ...look(hourly, { next: at(-60), due: [scheduled] }), engine: undefined };
    expect(repoStatus(o, decideRepo(o)).rebuild).toMatchObject({ next: at(-60), due: [scheduled] });
  });
});
