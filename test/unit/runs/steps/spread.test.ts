import { describe, expect, it } from '@jest/globals';
import { buildZoneSettings } from '../../../../src/domain/zones.ts';
import type { ShardCopy } from '../../../../src/engine/port.ts';
import type { Observed } from '../../../../src/runs/observed.ts';
import { settle } from '../../../../src/runs/steps/settle.ts';
import { spread } from '../../../../src/runs/steps/spread.ts';
import { shardsOfCandidate, clusterNodes } from '../../../../src/runs/zones.ts';
import { aFilledRun, answered, asRequest, aVersionIndex, engineOf, onEngine } from '../../../support/objects/a-run.ts';
import { saidBy, verdictOf, type Row } from '../../../support/objects/a-verdict.ts';
import { aShard, zoneNodes, zones } from '../../../support/objects/a-zone.ts';
import { aReindexRequest, at } from '../../../support/objects/an-object.ts';

const moved = { 'index.routing.allocation.include.zone': 'north,south', 'index.number_of_replicas': '1' };
const note = { by: 'run-uid', attribute: 'zone', zone: 'spare', before: null };

function filled(settings: object, live: object = {}, status: object = {}): Observed {
  const o = asRequest(aFilledRun(), aReindexRequest({ spec: { build: { placement: 'BuildZone' } }, status }));
  const [first] = engineOf(o).indices;
  return onEngine(o, {
    indices: [
      { ...aVersionIndex(1, live), aliases: first?.aliases ?? {} },
      aVersionIndex(2, { requestUid: 'run-uid', zones }, settings),
    ],
  });
}

const inZone = filled({ ...buildZoneSettings(zones), 'index.number_of_replicas': '0' });

function lying(shards: readonly ShardCopy[], live: object = {}, seconds = 0): Observed {
  const steps = [{ name: 'spread', started: at(0) }];
  const asked = answered(filled(moved, live, { steps }), shardsOfCandidate, shards);
  return { ...answered(asked, clusterNodes, zoneNodes), now: new Date(at(seconds)) };
}

const primary = aShard({ node: 'north-1-id' });
const replica = aShard({ primary: false, node: 'south-1-id' });
const unassigned = aShard({ primary: false, state: 'UNASSIGNED', node: undefined });

describe('spread', () => {
  it.each<Row>([
    ['is done for a version that lies anywhere', aFilledRun(), 'done'],
    ['raises replicas and moves it', inZone, 'act: put-settings/kibana-v2'],
    ['asks where the shards lie', filled(moved), 'ask: shards of the candidate'],
    ['waits for a copy in the build zone', lying([aShard(), replica]), 'wait: Running'],
    ['and gives nothing back before', lying([aShard(), replica], { keptOff: note }), 'wait: Running'],
    ['waits for one that moves', lying([{ ...primary, state: 'RELOCATING' }, replica]), 'wait: Running'],
    ['waits for a replica that has a node to go to', lying([primary, unassigned]), 'wait: Running'],
    ['gives the zone back', lying([primary, replica], { keptOff: note }), 'act: take-back-zone/kibana-v1'],
    ['and not for ever', lying([primary, unassigned], { keptOff: note }, 30), 'act: take-back-zone/kibana-v1'],
    ['never without a primary', lying([{ ...unassigned, primary: true }], {}, 3600), 'wait: Running'],
    ['says that all is done', lying([primary, replica]), 'wait: Running'],
    ['is done once that was told', filled(moved, {}, { spread: at(0) }), 'done'],
  ])('%s', (_row, o, verdict) => {
    expect(verdictOf(spread, o)).toBe(verdict);
  });

  it('moves it in one change', () => {
    expect(saidBy(spread.look(inZone))).toMatchObject([
      { settings: { ...moved, 'index.routing.allocation.require.zone': null }, refresh: false },
    ]);
  });

  it('tells when the zone was free, once nothing is kept off it any more', () => {
    expect(spread.tell?.of(lying([primary, replica], {}, 7), undefined)).toBe(at(7));
    expect(spread.tell?.of(lying([primary, replica], { keptOff: note }), undefined)).toBeUndefined();
    expect(spread.tell?.of(lying([aShard()]), undefined)).toBeUndefined();
    expect(spread.tell?.of(inZone, undefined)).toBeUndefined();
  });

  it('settle leaves the replicas to it, and restores the refresh alone', () => {
    const building = { ...buildZoneSettings(zones), 'index.number_of_replicas': '0', 'index.refresh_interval': '-1' };
    expect(saidBy(settle.look(filled(building)))).toMatchObject([{ settings: { 'index.refresh_interval': null } }]);
    expect(verdictOf(settle, inZone)).toBe('done');
  });
});
