import { expect } from '@jest/globals';
import type { Reason } from '../../../src/api/reasons.ts';
import type { ReindexRequest } from '../../../src/api/reindex-request.ts';
import { openHttp } from '../../../src/engine/transport.ts';
import { systemClock as clock } from '../../../src/runtime/clock.ts';
import { accessTo } from '../../support/real/bed-engine.ts';
import { declareRepo } from '../../support/real/a-declared-repo.ts';
import type { ControlStage } from '../../support/real/control-stage.ts';
import { expectOneVersion } from '../../support/checks/expect-one-version.ts';
import type { FaultRow } from '../../support/real/fault-row.ts';

const disk = 'cluster.routing.allocation.disk';
const noRoom = {
  [`${disk}.threshold_enabled`]: true,
  // Low and high keep new shards away; at the flood stage what serves would be blocked.
  ...{ [`${disk}.watermark.low`]: '900tb', [`${disk}.watermark.high`]: '900tb' },
  [`${disk}.watermark.flood_stage`]: '1b',
};

type Fault = readonly [reason: Reason, check: string, make: () => Promise<unknown>];

/** F16: the cluster has no room for another version, or would make another index of it. */
export const noRoomForVersion: FaultRow<ControlStage> = {
  id: 'F16',
  fault: 'no room on disks or for shards, a template for the names of versions',
  withinMs: 180_000,
  run: async (stage, record) => {
    const http = openHttp({ ...accessTo(stage.node), clock });
    const send = async (method: 'PUT' | 'DELETE', path: string, json?: object): Promise<unknown> =>
      http.send({ method, path, ...(json && { json }), idempotent: true, expect: [404] });
    const set = async (persistent: object): Promise<unknown> => send('PUT', '/_cluster/settings', { persistent });
    // The only node of an OpenSearch is asked for the flood stage alone, which would block what serves.
    const ofDisk: readonly Fault[] =
      stage.node.type === 'OpenSearch' ? [] : [['NotEnoughDisk', 'disk', () => set(noRoom)]];
    const faults: readonly Fault[] = [
      ['TooManyShards', 'shards', () => set({ 'cluster.max_shards_per_node': 1 })],
      ...ofDisk,
      [
        'TemplateMatches',
        'templates',
        () =>
          send('PUT', '/_index_template/f16', {
            ...{ index_patterns: ['f16-v*'], priority: 900, template: { aliases: { 'f16-all': {} } } },
          }),
      ],
    ];
    const mend = async (): Promise<void> => {
      const names = [...Object.keys(noRoom), 'cluster.max_shards_per_node'];
      await set(Object.fromEntries(names.map(name => [name, null])));
      await send('DELETE', '/_index_template/f16');
    };
    record.atEnd(async () => {
      await mend();
      await http.close();
    });
    const repo = await declareRepo(stage, 'f16');
    await repo.untilLive(repo.commit);
    await repo.untilAtRest();
    const observer = await repo.observed(record);
    for (const [reason, check, fault] of faults) {
      record.attempt();
      await fault();
      record.inject();
      await repo.rebuild(`f16-${check}`);
      expectRefused(await repo.untilEnded(`f16-${check}`), reason, check);
      expect((await stage.engine.indices.describe('f16-v*')).map(({ name }) => name)).toEqual(['f16-v1', 'f16-v99']);
      expect((await stage.settings.lockRecord('f16'))?.source.lease.held).toBe(false);
      await mend();
    }
    const startedMs = performance.now();
    await repo.rebuild('f16-mended');
    const ended = await repo.untilEnded('f16-mended');
    record.recovered(performance.now() - startedMs);
    await repo.untilAtRest();
    await observer.stop();
    expect(ended.status).toMatchObject({ phase: 'Succeeded', preflight: { verdict: 'Pass' } });
    // No number was drawn for what was refused.
    await expectOneVersion(stage, repo, { live: 'f16-v2', retired: ['f16-v1'] });
  },
};

function expectRefused({ status }: ReindexRequest, reason: Reason, check: string): void {
  expect(status.phase).toBe('Failed');
  expect(status.conditions?.find(({ type }) => type === 'Succeeded')).toMatchObject({ status: 'False', reason });
  expect(status.preflight?.verdict).toBe('Refuse');
  expect(status.preflight?.checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual([check]);
}
