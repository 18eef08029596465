import type { VersionRecord } from '../domain/records.ts';
import { membersOf, nameOf } from '../domain/version.ts';

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
