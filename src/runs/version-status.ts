import type { VersionRecord } from '../domain/records.ts';

/** A version as every status shows it. */
export function versionStatus(record: VersionRecord) {
  return {
    name: record.index,
    number: record.number,
    indices: [record.index],
    since: record.since,
    ...(record.commit !== null && { commit: record.commit, shortCommit: record.commit.slice(0, 10) }),
    documents: record.chunks,
    shape: record.shapeHash,
    workerImage: record.workerImage,
  };
}
