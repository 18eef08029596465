import type { PartRecord } from '../domain/records.ts';
import { errorOfShards } from '../engine/errors.ts';
import type { Engine } from '../engine/port.ts';
import { changeAt, createAt, type Place } from './compare-and-set.ts';
import type { Settings } from './port.ts';
import { parsePartRecord, recordId } from './records.ts';

/** A run has at most this many parts, so one page holds them. */
const mostParts = 256;

/** The records of runs that are divided among several workers. */
export function partsIn(
  engine: Engine,
  index: string,
): Pick<Settings, 'createPart' | 'partRecord' | 'partRecords' | 'changePart'> {
  const { documents } = engine;
  const at = (run: string, partition: number): Place => ({ documents, index, id: recordId.part(run, partition) });
  return {
    createPart: async record =>
      (await createAt(at(record.uid, record.partition), record)) === 'exists' ? 'exists' : 'created',
    partRecord: async (run, partition) => {
      const found = await documents.get<unknown>(index, recordId.part(run, partition));
      return found && parsePartRecord(found.source);
    },
    partRecords: run => partRecords(engine, index, run),
    changePart: (run, partition, change) => changeAt(at(run, partition), parsePartRecord, change),
  };
}

async function partRecords(engine: Engine, index: string, run: string): Promise<readonly PartRecord[]> {
  await engine.indices.refresh(index);
  const { hits, failedShards } = await engine.documents.search(index, {
    query: { bool: { filter: [{ term: { kind: 'part' } }, { term: { uid: run } }] } },
    size: mostParts,
    sort: [{ partition: 'asc' }],
  });
  if (failedShards > 0) throw errorOfShards(index, failedShards);
  return hits.map(hit => parsePartRecord(hit.source));
}
