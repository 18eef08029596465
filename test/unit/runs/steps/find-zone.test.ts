import { describe, expect, it } from '@jest/globals';
import { findZone } from '../../../../src/runs/steps/find-zone.ts';
import { clusterNodes } from '../../../../src/runs/zones.ts';
import { aCreatedRun, aLockedRun, answered, asRequest } from '../../../support/objects/a-run.ts';
import { verdictOf, type Row } from '../../../support/objects/a-verdict.ts';
import { aZoneNode, zoneNodes, zones } from '../../../support/objects/a-zone.ts';
import { aReindexRequest } from '../../../support/objects/an-object.ts';

const request = aReindexRequest({ spec: { build: { placement: 'BuildZone' } } });
const undeclared = asRequest(aLockedRun(), request);
const declared = { ...undeclared, zones };
const away = zoneNodes.filter(({ name }) => name !== 'spare-1');
const buildZone = { version: 2, zone: 'spare', nodes: ['spare-1'] };

describe('find-zone', () => {
  it.each<Row>([
    ['is done for a run that builds anywhere', aLockedRun(), 'done'],
    ['is done once the candidate is there', { ...asRequest(aCreatedRun(), request), zones }, 'done'],
    ['refuses where no zones are declared', undeclared, 'fail: NoBuildZone'],
    ['asks for the nodes', declared, 'ask: nodes of the cluster'],
    ['is done where each zone has a node', answered(declared, clusterNodes, zoneNodes), 'done'],
    ['refuses where the build zone has none', answered(declared, clusterNodes, away), 'fail: NoBuildZone'],
    [
      'refuses where the only one of it takes no shards',
      answered(declared, clusterNodes, [...away, aZoneNode('spare-1', { takesShards: false })]),
      'fail: NoBuildZone',
    ],
    [
      'refuses where no serving zone has one',
      answered(declared, clusterNodes, [aZoneNode('spare-1')]),
      'fail: NoBuildZone',
    ],
    [
      'waits for a zone that was there before',
      answered(
        { ...asRequest(declared, { ...request, status: { ...request.status, buildZone } }) },
        clusterNodes,
        away,
      ),
      'wait: NoBuildZone',
    ],
  ])('%s', (_row, o, verdict) => {
    expect(verdictOf(findZone, o)).toBe(verdict);
  });

  it('says what is needed and what is there', () => {
    expect(findZone.look(answered(declared, clusterNodes, away))).toMatchObject({
      message:
        'a node that takes shards is needed with zone=spare; there are north-1 (zone=north), south-1 (zone=south)',
    });
  });
});
