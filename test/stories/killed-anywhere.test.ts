import { beforeAll, describe, expect, it } from '@jest/globals';
import { goldenRun, type Fault, type GoldenRun } from '../support/a-golden-run.ts';

const faults: readonly Fault[] = ['killed before', 'killed after', 'done twice'];

describe('an operator that dies at any of its writes', () => {
  let golden: GoldenRun;
  beforeAll(async () => {
    golden = await goldenRun();
  });

  it('has a golden run to be compared with', () => {
    expect(golden.violations).toEqual([]);
    expect(golden.errors).toEqual([]);
    expect(golden.ending).toMatchObject({
      serves: ['kibana-v3'],
      versions: ['kibana-v2', 'kibana-v3'],
      retired: ['kibana-v2'],
      locked: false,
      ran: ['full kibana-v1 c1', 'incremental kibana-v1 c2', 'full kibana-v2 c2', 'full kibana-v3 c2'],
    });
  });

  it.each(faults)(
    'ends as if nothing had happened, and the alias serves one verified version at every moment: %s each write',
    async fault => {
      for (let at = 0; at < golden.writes.length; at += 1) {
        const { ending, violations, errors } = await goldenRun({ is: fault, at });
        const where = `${fault} write ${at} (${golden.writes[at] ?? ''})`;
        expect({ where, ending, violations, errors }).toEqual({
          where,
          ending: golden.ending,
          violations: [],
          errors: [],
        });
      }
      console.log(`${fault}: ${golden.writes.length} cases`);
    },
    300_000,
  );
});
