import { describe, expect, it } from '@jest/globals';
import { privilegesFor } from '../../../../src/runs/preflight/cluster-facts.ts';
import { rolesOfPage } from '../../../support/real/engine-roles.ts';

describe('the privileges that a run asks for', () => {
  it('are those that the page of the engine users gives to operator and workers', () => {
    const { reindeer_operator: operator, reindeer_worker: worker } = rolesOfPage();
    const given = [operator, worker].flatMap(role => role?.indices ?? []);
    const ofAliases = given.filter(({ names }) => names.some(name => name.includes('code-')));
    const wanted = privilegesFor({ alias: 'code-a', version: 'code-a-v2', scratch: 'code-a-v0_1' });
    expect(operator?.cluster).toEqual(wanted.cluster);
    for (const privilege of wanted.indices.flatMap(({ privileges }) => privileges))
      expect(ofAliases.flatMap(({ privileges }) => privileges)).toContain(privilege);
  });
});
