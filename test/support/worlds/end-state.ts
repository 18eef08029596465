import { versionName } from '../../../src/domain/version.ts';
import { filtersOf } from '../checks/allocation-filters.ts';
import type { World } from './a-world.ts';
import { settingsIndex } from './world-view.ts';

/**
 * Everything that stands behind the alias "kibana" and is told of it, without what tells two lives apart that came to the
 * same: times, uids, tokens, numbers of versions, and what was done on the way.
 */
export async function endState(world: World): Promise<object> {
  const [live = 'none'] = await world.serves('kibana');
  const status = await world.repo('kibana');
  const all = await world.engine.indices.describe('kibana*');
  const index = all.find(({ name }) => name === live);
  const record = (await world.settings.aliasRecord('kibana'))?.source;
  const lease = (await world.settings.lockRecord('kibana'))?.source.lease;
  await Promise.all([live, settingsIndex].map(async name => world.engine.indices.refresh(name)));
  const { hits } = await world.engine.documents.search(live, { query: { match_all: {} }, size: 1000 });
  const kinds = await world.engine.documents.search(settingsIndex, { query: { match_all: {} }, size: 1000 });
  const state = {
    alias: await world.engine.aliases.members('kibana'),
    index: { settings: index?.settings, mappings: index?.mappings, meta: index?.meta },
    documents: hits.map(({ id, source }) => ({ id, source })).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    filters: (await filtersOf(world.engine, 'kibana')).filter(line => line.startsWith(`${live} `)),
    strayIndices: all.map(({ name }) => name).filter(name => name !== live && !name.startsWith('kibana-v')),
    scratch: all.map(({ name }) => name).filter(name => name.startsWith('kibana-v0')),
    record: {
      owner: record?.owner,
      live: versionName('kibana', record?.live ?? 0),
      candidate: record?.candidate,
      writeSet: record?.writeSet.map(number => versionName('kibana', number)),
    },
    lock: { held: lease?.held },
    version: (await world.settings.versionRecord(live))?.source,
    versionsWithoutIndex: (await world.settings.versionRecords('kibana'))
      .map(version => version.index)
      .filter(name => !all.some(each => each.name === name)),
    records: [...new Set(kinds.hits.map(({ source }) => String(source?.['kind'])))].toSorted(),
    status: { ...status, retired: [], light: { ...status.light, last: undefined } },
  };
  return withoutLife(state, live) as object;
}

const ofOneLife = new Set([
  ...['uid', 'ownerUid', 'requestUid', 'request', 'token', 'tokenCounter', 'number', 'version', 'nextVersion'],
  ...['since', 'lastTransitionTime', 'observedGeneration', 'writer', 'previous', 'released', 'operator', 'replaces'],
  ...['lastRunNow', 'base', 'failures'],
]);

function withoutLife(value: unknown, live: string): unknown {
  if (typeof value === 'string') return value.replaceAll(live, 'kibana-vN');
  if (Array.isArray(value)) return value.map(each => withoutLife(each, live));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key, each]) => !ofOneLife.has(key) && each !== undefined);
  return Object.fromEntries(kept.map(([key, each]) => [key, withoutLife(each, live)]));
}
