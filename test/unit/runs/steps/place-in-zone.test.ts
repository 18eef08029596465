import { describe, expect, it } from '@jest/globals';
import { buildZoneSettings } from '../../../../src/domain/zones.ts';
import type { ShardCopy } from '../../../../src/engine/port.ts';
import type { Observed } from '../../../../src/runs/observed.ts';
import { neighbours, placeInZone } from '../../../../src/runs/steps/place-in-zone.ts';
import { shardsOfCandidate, clusterNodes } from '../../../../src/runs/zones.ts';
import {
  aCreatedRun,
  aJob,
  answered,
  asRequest,
  aVersionIndex,
  engineOf,
  onEngine,
} from '../../../support/objects/a-run.ts';
import { saidBy, undoOf, verdictOf, type Row } from '../../../support/objects/a-verdict.ts';
import { aShard, zoneNodes, zones } from '../../../support/objects/a-zone.ts';
import { aReindexRequest, at } from '../../../support/objects/an-object.ts';

const off = { 'index.routing.allocation.exclude.zone': 'spare' };
const note = { by: 'run-uid', attribute: 'zone', zone: 'spare', before: null };

/** kibana-v2 was made for the build zone, kibana-v1 serves with these settings and this note. */
function made(liveSettings: object = off, keptOff?: object): Observed {
  const request = aReindexRequest({ spec: { build: { placement: 'BuildZone' } } });
  const o = asRequest(aCreatedRun(), request);
  const [live] = engineOf(o).indices;
  const meta = { requestUid: 'run-uid', zones };
  return onEngine(o, {
    indices: [
      { ...aVersionIndex(1, { ...(keptOff && { keptOff }) }, liveSettings), aliases: live?.aliases ?? {} },
      aVersionIndex(2, meta, { ...buildZoneSettings(zones), 'index.number_of_replicas': '0' }),
    ],
  });
}

/** The shards of kibana-v2 and of kibana-v1 lie so, and these indices have shards in the zone. */
function lying(shards: readonly ShardCopy[], live: readonly ShardCopy[] = [], indices = ['kibana-v2']): Observed {
  const asked = answered(answered(made(), shardsOfCandidate, shards), clusterNodes, zoneNodes);
  return answered(asked, neighbours, { live, indices });
}

/** It was told that they lie there, and this became of them since. */
function built(shards: readonly ShardCopy[], said: object = {}, seconds = 0): Observed {
  const o = answered(made(), shardsOfCandidate, shards);
  const buildZone = { version: 2, zone: 'spare', nodes: ['spare-1'], ...said };
  const request = { ...o.request, status: { ...o.request.status, buildZone } };
  return { ...o, request, now: new Date(at(seconds)) };
}

const lost = [aShard(), aShard({ shard: 1, state: 'UNASSIGNED', node: undefined })];

describe('place-in-zone', () => {
  it.each<Row>([
    ['is done for a version that lies anywhere', aCreatedRun(), 'done'],
    ['keeps what serves off the zone first', made({}), 'act: keep-off-zone/kibana-v1'],
    ['asks where the shards lie', made(), 'ask: shards of the candidate'],
    ['asks for the nodes', answered(made(), shardsOfCandidate, [aShard()]), 'ask: nodes of the cluster'],
    ['waits for a shard without a node', lying(lost), 'wait: Running'],
    ['waits for one that is not ready', lying([aShard({ state: 'INITIALIZING' })]), 'wait: Running'],
    ['waits for one on another node', lying([aShard({ node: 'north-1-id' })]), 'wait: Running'],
    ['waits while no shard is known', lying([]), 'wait: Running'],
    ['says that no node is there', answered(lying(lost), clusterNodes, zoneNodes.slice(0, 2)), 'wait: NoBuildZone'],
    [
      'waits for what serves as long as it leaves',
      lying([aShard()], [aShard({ index: 'kibana-v1', state: 'RELOCATING' })]),
      'wait: Running',
    ],
    ['says who else is there', lying([aShard()], [], ['.security-7', 'kibana-v2', 'logs']), 'wait: BuildZoneShared'],
    ['says that it is proven', lying([aShard()], [], ['.security-7', 'reindeer-settings']), 'wait: Running'],
    ['is done once that was told', built([aShard()]), 'done'],
    ['waits for a node that is gone', built(lost), 'wait: BuildZoneLost'],
    ['and goes on waiting', built(lost, { lostSince: at(0) }, 59), 'wait: BuildZoneLost'],
    [
      'deletes nothing while another operator is not ruled out',
      onEngine(built(lost, { lostSince: at(0) }, 60), { doubt: { reason: 'OperatorSettling', message: '' } }),
      'wait: OperatorSettling',
    ],
    ['gives up what is lost', built(lost, { lostSince: at(0) }, 60), 'act: delete-version/kibana-v2'],
    [
      'ends its Jobs before that',
      { ...built(lost, { lostSince: at(0) }, 60), jobs: [aJob()] },
      'act: forget-run/job-0-uid, delete-job/job-0',
    ],
    [
      'and waits until they are gone',
      { ...built(lost, { lostSince: at(0) }, 60), jobs: [aJob({ deleting: true })] },
      'wait: BuildZoneLost',
    ],
    ['does not build for ever', built(lost, { lostSince: at(0), lost: 2 }, 60), 'fail: BuildZoneLost'],
  ])('%s', (_row, o, verdict) => {
    expect(verdictOf(placeInZone, o)).toBe(verdict);
  });

  it('tells where it lies, through what its workers go, and with whom', () => {
    const o = lying([aShard()], [], ['kibana-v2', 'logs']);
    const place = o.place && {
      ...o.place,
      engine: { ...o.place.engine, endpoints: ['https://es.svc:9200', 'https://spare-1.svc:9200'] },
    };
    expect(placeInZone.tell?.of({ ...o, place }, undefined)).toEqual({
      version: 2,
      zone: 'spare',
      nodes: ['spare-1'],
      endpoints: ['https://spare-1.svc:9200'],
      sharedWith: ['logs'],
    });
  });

  it('tells since when shards are gone, and forgets it when they are back', () => {
    expect(placeInZone.tell?.of(built(lost, {}, 7), undefined)).toMatchObject({ lostSince: at(7) });
    expect(placeInZone.tell?.of(built(lost, { lostSince: at(3) }, 7), undefined)).toMatchObject({ lostSince: at(3) });
    expect(placeInZone.tell?.of(built([aShard()], { lostSince: at(3) }), undefined)).not.toHaveProperty('lostSince');
  });

  it('counts what was lost once the next one lies there', () => {
    const o = lying([aShard()]);
    const buildZone = { version: 1, zone: 'spare', nodes: [] };
    const request = { ...o.request, status: { ...o.request.status, buildZone } };
    expect(placeInZone.tell?.of({ ...o, request }, undefined)).toMatchObject({ version: 2, lost: 1 });
  });

  it('takes the filter of its run back, and no other', () => {
    expect(undoOf(placeInZone, made(off, note))).toEqual(['take-back-zone/kibana-v1']);
    expect(undoOf(placeInZone, made(off, { ...note, by: 'other' }))).toEqual([]);
    expect(undoOf(placeInZone, made(off))).toEqual([]);
  });

  it('says for whom it keeps it off', () => {
    const { before: _before, ...asked } = note;
    expect(saidBy(placeInZone.look(made({})))).toEqual([{ name: 'keep-off-zone', index: 'kibana-v1', ...asked }]);
  });
});
