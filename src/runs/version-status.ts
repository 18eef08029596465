import type { ReindexRequestStatus } from '../api/reindex-request.ts';
import type { VersionRecord } from '../domain/records.ts';
import { membersOf, nameOf, versionName } from '../domain/version.ts';
import { candidateSet } from './facts.ts';
import type { Observed } from './observed.ts';

/** A version as every status shows it. */
export function versionStatus(record: VersionRecord) {
  return {
    name: nameOf(record),
    number: record.number,
    indices: membersOf(record).map(({ index }) => index),
    since: record.since,
    ...(record.commit !== null && { commit: record.commit, shortCommit: record.commit.slice(0, 10) }),
    documents: record.chunks,
    shape: record.shapeHash,
    workerImage: record.workerImage,
  };
}

/** The version that a run is about, as its status shows it. */
export function candidateStatus(o: Observed): ReindexRequestStatus['to'] {
  const set = candidateSet(o);
  if (!set || !o.target) return undefined;
  const { number, indices, record } = set;
  const name = versionName(o.target.alias, number);
  const shown = record ? versionStatus(record) : { name, number, indices: indices.map(each => each.name) };
  return { ...shown, request: o.request.metadata.name };
}
