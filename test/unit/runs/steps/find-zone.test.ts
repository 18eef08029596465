import { describe, expect, it } from '@jest/globals';
import { findZone } from '../../../../src/runs/steps/find-zone.ts';
import { clusterNodes } from '../../../../src/runs/zones.ts';
import { aCreatedRun, aLockedRun, answered, asRequest, engineOf, onEngine } from '../../../support/objects/a-run.ts';
import { verdictOf, type Row } from '../../../support/objects/a-verdict.ts';
import { zoneNodes, zones } from '../../../support/objects/a-zone.ts';
import { aReindexRequest } from '../../../support/objects/an-object.ts';

const request = aReindexRequest({ spec: { build: { placement: 'BuildZone' } } });
const undeclared = asRequest(aLockedRun(), request);
const declared = { ...undeclared, zones };
const buildZone = { version: 2, zone: 'spare', nodes: ['spare-1'] };
const lost = asRequest(declared, { ...request, status: { ...request.status, buildZone } });
const away = zoneNodes.filter(({ name }) => name !== 'spare-1');
const doubted = onEngine(lost, {
  doubt: { reason: 'OperatorSettling', message: '' },
  versions: engineOf(aCreatedRun()).versions,
});

describe('find-zone', () => {
  it.each<Row>([
    ['is done for a run that builds anywhere', aLockedRun(), 'done'],
    ['is done once the candidate is there', { ...asRequest(aCreatedRun(), request), zones }, 'done'],
    ['refuses where no zones are declared', undeclared, 'fail: NoBuildZone'],
    ['is done before the first version: preflight has looked', declared, 'done'],
    ['waits with what is left of it as long as nothing may be deleted', doubted, 'wait: OperatorSettling'],
    ['asks for the nodes where a version was lost', lost, 'ask: nodes of the cluster'],
    ['is done where each zone has a node', answered(lost, clusterNodes, zoneNodes), 'done'],
    ['waits where the build zone has none', answered(lost, clusterNodes, away), 'wait: NoBuildZone'],
  ])('%s', (_row, o, verdict) => {
    expect(verdictOf(findZone, o)).toBe(verdict);
  });
});
