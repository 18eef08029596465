import { reindexRequestResource } from '../../../src/api/reindex-request.ts';
import type { Reason } from '../../../src/api/reasons.ts';
import type { World } from './a-world.ts';

/** The run "run" of the alias "kibana", which waits for people or time, and what is done around it. */
export type HeldRun = {
  /** Declares it, or changes what is declared. */
  run: (spec: object) => Promise<void>;
  untilRun: (type: string, status: string, reason?: Reason, minutes?: number) => Promise<void>;
  atGate: (spec?: object) => Promise<void>;
  inBake: (spec?: object) => Promise<void>;
  /** Deletes the chunks of a version from it, as no worker does. */
  loseChunks: (index: string) => Promise<void>;
  isLive: (commit: string) => Promise<boolean>;
  /** As `reindeer lock break` does it. */
  breakLock: () => Promise<void>;
};

/** `world` is asked for each time, since each test has its own. */
export function aHeldRun(world: () => World): HeldRun {
  const run = async (spec: object): Promise<void> => world().aRequest('run', 'kibana', spec);
  const untilRun: HeldRun['untilRun'] = async (...condition) =>
    world().untilCondition(reindexRequestResource, 'run', ...condition);
  return {
    run,
    untilRun,
    atGate: async (spec = {}) => {
      await run({ gates: ['BeforeSwitch'], ...spec });
      await untilRun('Paused', 'True', 'AwaitingApproval');
    },
    inBake: async (spec = {}) => {
      await run({ bake: { for: '1h' }, ...spec });
      await untilRun('Succeeded', 'Unknown', 'Baking');
    },
    loseChunks: async index => {
      const { documents, indices } = world().engine;
      const { hits } = await documents.search(index, { query: { term: { doc: 'chunk' } }, size: 100 });
      if (hits.length === 0) throw new Error(`there is no chunk in ${index}`);
      const lines = hits.map(({ id }) => `${JSON.stringify({ delete: { _id: id } })}\n`).join('');
      await documents.bulk(Buffer.from(lines), { target: index, requireAlias: false });
      await indices.refresh(index);
    },
    isLive: async commit => (await world().repo('kibana')).live?.shortCommit === commit.padEnd(10, '0'),
    breakLock: async () => {
      const lease = (await world().settings.lockRecord('kibana'))?.source.lease;
      if (!lease) throw new Error('there is no lock');
      const held = [{ of: 'lock', holder: lease.holder, token: lease.token }];
      const note = { by: 'ann@laptop', at: '2026-01-01T00:00:00Z', reason: 'gone', held };
      await world().settings.breakLock('kibana', lease, note, 0);
    },
  };
}
