import { expect } from '@jest/globals';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { Engine } from '../../../src/engine/port.ts';
import {
  mappingSchema,
  parseAliasRecord,
  parseLockRecord,
  parseOperatorRecord,
  parsePartRecord,
  parseRunRecord,
  parseVersionRecord,
} from '../../../src/registry/records.ts';

const readers: Readonly<Record<string, (source: JsonObject) => object>> = {
  alias: source => parseAliasRecord(source, text(source['alias'])),
  lock: source => parseLockRecord(source, text(source['alias'])),
  version: source => parseVersionRecord(source, text(source['index'])),
  run: source => parseRunRecord(source, text(source['uid'])),
  part: source => parsePartRecord(source),
  operator: source => parseOperatorRecord(source),
};

/** Every record of a settings index of this release's schema is read as it stands: no field had to be replaced. Answers how many. */
export async function expectRecords({ indices, documents }: Engine, settingsIndex: string): Promise<number> {
  const [index] = await indices.describe(settingsIndex);
  expect(index?.meta).toMatchObject({ schema: mappingSchema });
  await indices.refresh(settingsIndex);
  const { hits } = await documents.search(settingsIndex, { size: 1000 });
  for (const { id, source } of hits) {
    const read = readers[text(source['kind'])];
    expect({ id, record: read?.(source) }).toEqual({ id, record: source });
  }
  return hits.length;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
