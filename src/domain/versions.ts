import type { VersionRecord } from './records.ts';

/** The index that is version `number` of an alias: `kibana`, 7 -> `kibana-v7`. */
export function versionName(alias: string, number: number): string {
  return `${alias}-v${number}`;
}

/** The alias and number that a version's name is made of; undefined for any other name, `kibana-v07` included. */
export function parseVersionName(name: string): { readonly alias: string; readonly number: number } | undefined {
  const match = /^(.+)-v([1-9][0-9]{0,14})$/.exec(name);
  return match?.[1] === undefined ? undefined : { alias: match[1], number: Number(match[2]) };
}

/** What is known of a version before its first run. */
export type NewVersion = Pick<
  VersionRecord,
  | 'alias'
  | 'number'
  | 'ownerUid'
  | 'branch'
  | 'repoUrl'
  | 'schema'
  | 'chunkerHash'
  | 'selectionHash'
  | 'shapeHash'
  | 'shape'
  | 'workerImage'
  | 'since'
> &
  Pick<Partial<VersionRecord>, 'folder'>;

/** The record of a version that was just created: empty, nobody writes it. */
export function newVersionRecord(version: NewVersion): VersionRecord {
  return {
    kind: 'version',
    ...version,
    index: versionName(version.alias, version.number),
    phase: 'Building',
    commit: null,
    base: null,
    tree: null,
    files: 0,
    chunks: 0,
    skipped: 0,
    fingerprint: '',
    clean: true,
    writer: { held: false, holder: null, token: 0, epoch: 0, leaseSeconds: 0 },
  };
}
